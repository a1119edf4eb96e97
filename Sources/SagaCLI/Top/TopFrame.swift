import Console
import InventoryView
import OrderView
import PaymentView
import struct Saga.ServiceName
import AdminAPI

/// What the live screen shows at one moment.
struct TopFrame {
    let time: String
    let report: StatusReport
    let orders: [Order]
    /// Why the newest orders could not be asked for.
    let trouble: String?
    /// New orders per second since the last frame; nil in the first.
    let rate: Double?

    func render(_ style: Style, width: Int = .max) -> String {
        let overall = StatusReport.cell(report.overall)
        var text = "saga  \(style.paint(overall.text, overall.paints))  \(Quantity.time(time)) UTC"
        if let rate { text += "  \(Quantity.tenths(rate)) orders/s" }
        text += "\n\n" + report.render(style, width: width) + "\n"
        return text + (trouble.map { $0.printable + "\n" } ?? Listing.orders(orders, style, width: width))
    }

    /// The number of orders there are, if the order service said so.
    var total: Int? { report.services.first { $0.orders != nil }?.orders?.values.reduce(0, +) }
}
