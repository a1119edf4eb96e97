import AdminAPI
package import ArgumentParser
import Console
import Saga
import Wire

/// The shipment of one order, as REST has it.
struct Shipment: Codable {
    let orderId: String
    let shipmentId: String?
    let status: String
}

struct ShipmentPage: Codable {
    let shipments: [Shipment]
    let nextCursor: String?
}

/// `sagactl shipments`: the newest ones.
package struct ShipmentsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "shipments", abstract: "List shipments, those of the newest orders first.")

    @Option(help: .init("How many at most.", valueName: "n"), transform: Arguments.limit)
    var limit = 50

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    package init() {}

    package func run() async throws {
        let page: ShipmentPage = try await options.suite()[.shipping].ask(
            AdminRoute(.get, "/shipments", [.shipping]), query: [("limit", String(min(limit, 500)))])
        if output.json {
            try Output.json(page)
        } else {
            var table = TextTable(("ORDER", .left), ("STATUS", .left), ("SHIPMENT", .left))
            for shipment in page.shipments {
                table.add(
                    .init(shipment.orderId), .init(shipment.status, shipment.shipmentId == nil ? .dim : .green),
                    .init(shipment.shipmentId ?? ""))
            }
            try Output.write(page.shipments.isEmpty ? "no shipments\n" : table.render(.current))
        }
    }
}
