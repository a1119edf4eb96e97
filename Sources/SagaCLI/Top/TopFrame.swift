import Console
import InventoryView
import OrderView
import PaymentView
import struct Saga.ServiceName
import AdminAPI

/// What the live screen shows at one moment.
struct TopFrame {
    /// Per second since the last frame.
    struct Rates: Equatable {
        var placed: Double
        var approved: Double
        var canceled: Double
        /// Events, at all daemons together.
        var applied: Double
    }

    let time: String
    let report: StatusReport
    let orders: [Order]
    /// Why the newest orders could not be asked for.
    let trouble: String?
    /// nil in the first.
    let rates: Rates?
    /// Since the order service was started.
    var cancellations: [(reason: String, count: Int)] = []
    /// Of the newest orders.
    var slowest: [Order] = []

    func render(_ style: Style, width: Int = .max) -> String {
        let overall = StatusReport.cell(report.overall)
        var text = "saga  \(style.paint(overall.text, overall.paints))  \(Quantity.time(time)) UTC"
        if let rates {
            text +=
                "\n\(Quantity.tenths(rates.placed)) orders/s, \(Quantity.tenths(rates.approved)) approved/s, "
                + "\(Quantity.tenths(rates.canceled)) canceled/s, \(Quantity.tenths(rates.applied)) events/s"
        }
        text += "\n\n" + report.render(style, width: width)
        if !cancellations.isEmpty {
            text +=
                "canceled since the start: "
                + cancellations.map { "\($0.count) \($0.reason.printable)" }.joined(separator: ", ") + "\n"
        }
        text += "\n"
        if let trouble { return text + trouble.printable + "\n" }
        if !slowest.isEmpty { text += "slowest of the newest\n" + Listing.orders(slowest, style, width: width) + "\n" }
        return text + Listing.orders(orders, style, width: width)
    }

    /// The orders there are, if the order service said so.
    var counts: [String: Int]? { report.services.first { $0.orders != nil }?.orders }
}
