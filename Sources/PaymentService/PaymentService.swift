package import Saga
package import SagaConfiguration
package import SagaRuntime
package import SagaStore
import Wire

/// The payment service: charges for orders, and gives the money back.
package struct PaymentService: SagaService {
    package static let schema = Schema.payment
    package static let openAPI = OpenAPI.payment

    package let reactions: PaymentReactions
    private let context: ServiceContext

    package init(context: ServiceContext) {
        self.context = context
        reactions = PaymentReactions(declinedUsers: context.configuration.payment.declinedUsers)
    }

    package static func http(in configuration: Configuration) -> Configuration.HTTP {
        configuration.payment.http
    }

    package static func metrics(in configuration: Configuration) -> Configuration.HTTP {
        configuration.payment.metrics
    }

    package func addRoutes(to router: ServiceRouter) {
        PaymentRoutes(context: context).add(to: router)
    }

    package func standing(of order: OrderID, in snapshot: Snapshot) throws -> Standing? {
        try snapshot.payment(order).map { Standing(status: $0.status.rawValue) }
    }
}
