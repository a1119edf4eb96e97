import Hummingbird
package import Saga
package import HTTPServer
package import SagaDaemon
import SagaStore
package import Store
package import Wire

/// The shipping service: books a shipment for every order that is approved.
package struct ShippingService: SagaService {
    package static let schema = Schema.shipping
    package static let openAPI = PackageResources.openapi_json

    package let reactions = ShippingReactions()
    private let context: ServiceContext

    package init(context: ServiceContext) {
        self.context = context
    }

    package func addRoutes(to router: ServiceRouter) {
        router.on(.get, "/shipments", query: ["limit", "cursor"]) { [context] request, _ in
            let limit = try request.pageLimit()
            let page = try await context.database.read { snapshot in
                let cursor = try request.pageCursor { try snapshot.shipment($0) != nil }
                return try snapshot.shipments(before: cursor, limit: limit + 1)
            }
            return Response.json(JSONText.page("shipments", page, limit: limit, id: \.orderID))
        }
        router.on(.get, "/shipments/:orderId") { [context] _, request in
            let text = request.parameters.get("orderId") ?? ""
            guard let id = OrderID(text), let shipment = try await context.database.read({ try $0.shipment(id) }) else {
                throw ProblemError(.notFound, "nothing is known of an order \(text.prefix(64))")
            }
            return Response.json(shipment.json)
        }
    }

    /// For `sagactl trace`.
    package func standing(of order: OrderID, in snapshot: Snapshot) throws -> Standing? {
        try snapshot.shipment(order).map { Standing(status: $0.status.rawValue) }
    }
}

extension Shipment: JSONWritable {
    package func write(to text: inout JSONText) {
        text.member("orderId", orderID)
        if let answer { text.member("shipmentId", answer.shipmentID) }
        text.member("status", status.rawValue)
    }
}
