import Hummingbird
package import Saga
package import SagaRuntime
import SagaStore
package import Wire

/// The REST interface of the payment service, on its port and on its admin socket.
package struct PaymentRoutes: Sendable {
    private let context: ServiceContext

    package init(context: ServiceContext) {
        self.context = context
    }

    package func add(to router: ServiceRouter) {
        router.on(.get, "/payments", query: ["limit", "cursor"]) { request, _ in
            let limit = try request.pageLimit()
            let page = try context.database.read { snapshot in
                let cursor = try request.pageCursor { try snapshot.payment($0) != nil }
                return try snapshot.payments(before: cursor, limit: limit + 1)
            }
            return Response.json(JSONText.page("payments", page, limit: limit, id: \.state.orderID))
        }
        router.on(.get, "/payments/:orderId") { _, request in
            let text = request.parameters.get("orderId") ?? ""
            guard let id = OrderID(text), let payment = try context.database.read({ try $0.datedPayment(id) }) else {
                throw ProblemError(.notFound, "nothing is known of an order \(text.prefix(64))")
            }
            return Response.json(payment.json)
        }
    }
}

extension Payment: JSONWritable {
    package func write(to text: inout JSONText) {
        if status == .void {
            text.member("orderId", orderID)
            text.member("status", status.rawValue)
            return
        }
        if let charge = answer?.claim {
            text.member("paymentId", charge.paymentID)
            text.member("orderId", orderID)
            text.member("userId", charge.userID)
            text.member("amount", charge.amount)
        }
        text.member("status", status.rawValue)
        if status == .failed, let reason = answer?.failure { text.member("reason", reason.rawValue) }
    }
}
