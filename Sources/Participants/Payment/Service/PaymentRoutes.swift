import Hummingbird
import Saga
package import HTTPServer
package import SagaDaemon
import SagaStore
import Store
import Wire

/// The REST interface of the payment service, on its port and on its admin socket.
package struct PaymentRoutes: Sendable {
    private let context: ServiceContext

    package init(context: ServiceContext) {
        self.context = context
    }

    package func add(to router: ServiceRouter) {
        router.on(.get, "/payments", query: ["limit", "cursor"]) { request, _ in
            let limit = try request.pageLimit()
            let page = try await context.database.read { snapshot in
                let cursor = try request.pageCursor { try snapshot.payment($0) != nil || snapshot.hasPurged($0) }
                return try snapshot.payments(before: cursor, limit: limit + 1)
            }
            return Response.json(JSONText.page("payments", page, limit: limit, id: \.state.orderID))
        }
        router.on(.get, "/payments/:orderId") { _, request in
            let text = request.parameters.get("orderId") ?? ""
            guard let id = OrderID(text), let payment = try await context.database.read({ try $0.datedPayment(id) }) else {
                throw ProblemError(.notFound, "nothing is known of an order \(text.prefix(64))")
            }
            return Response.json(payment.json)
        }
    }
}
