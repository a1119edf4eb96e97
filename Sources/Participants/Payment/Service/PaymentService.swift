package import Saga
import SagaConfiguration
package import HTTPServer
package import SagaDaemon
import SagaStore
package import Store
import Wire

/// The payment service: charges for orders, and gives the money back.
package struct PaymentService: SagaService {
    package static let schema = Schema.payment
    package static let openAPI = PackageResources.openapi_json

    package let reactions: PaymentReactions
    private let context: ServiceContext

    package init(context: ServiceContext) {
        self.context = context
        reactions = PaymentReactions(declinedUsers: context.configuration.payment.declinedUsers)
    }

    package func addRoutes(to router: ServiceRouter) {
        PaymentRoutes(context: context).add(to: router)
    }

    package func addOperatorRoutes(to router: ServiceRouter) {
        PaymentRepair(context: context).add(to: router)
    }

    package func standing(of order: OrderID, in snapshot: Snapshot) throws -> Standing? {
        try snapshot.payment(order).map { Standing(status: $0.status.rawValue) }
    }
}
