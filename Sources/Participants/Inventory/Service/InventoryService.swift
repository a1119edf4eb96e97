package import Saga
package import SagaConfiguration
package import HTTPServer
package import SagaDaemon
package import SagaStore
package import Store
package import Telemetry
import Wire

/// The inventory service: holds stock for orders, and commits or gives it back.
package struct InventoryService: SagaService {
    package static let schema = Schema.inventory
    package static let openAPI = PackageResources.openapi_json

    package let reactions = InventoryReactions()
    private let context: ServiceContext

    package init(context: ServiceContext) {
        self.context = context
    }

    package static func initialize(_ configuration: Configuration, in transaction: Transaction) throws {
        for (product, available) in configuration.inventory.initialStock {
            try transaction.save(Stock(productID: product, available: available))
        }
    }

    package func addRoutes(to router: ServiceRouter) {
        InventoryRoutes(context: context).add(to: router)
    }

    package func addOperatorRoutes(to router: ServiceRouter) {
        InventoryRoutes(context: context).addOperatorRoutes(to: router)
        InventoryRepairRoutes(reactions: reactions, context: context).add(to: router)
    }

    package func standing(of order: OrderID, in snapshot: Snapshot) throws -> Standing? {
        try snapshot.reservation(order).map { Standing(status: $0.status.rawValue) }
    }

    /// Nobody looks at a graph with more lines than that, and each is kept for every scrape.
    private static let measuredProducts = 1000

    package func gauges(in snapshot: Snapshot) throws -> [Gauge] {
        try snapshot.firstStock(InventoryService.measuredProducts).flatMap { stock in
            [("available", stock.available), ("reserved", stock.reserved), ("sold", stock.sold)].map { state, units in
                Gauge(
                    "saga_stock_units", "Units of the first \(InventoryService.measuredProducts) products, by what became of them.",
                    Double(units), labels: ["product": "\(stock.productID)", "state": state])
            }
        }
    }
}
