package import Saga
package import SagaConfiguration
package import HTTPServer
import Outbound
package import SagaDaemon
import SagaStore
package import ServiceLifecycle
package import Store
package import Telemetry
import Wire

/// The payment service: charges for orders, and gives the money back.
package struct PaymentService: SagaService {
    package static let schema = Schema.payment
    package static let openAPI = PackageResources.openapi_json

    package let reactions: PaymentReactions
    private let context: ServiceContext
    /// nil while the gateway is simulated.
    private let desk: GatewayDesk?

    package init(context: ServiceContext) throws {
        self.context = context
        let configuration = context.configuration.payment
        switch configuration.gateway.kind {
        case .simulated:
            desk = nil
            reactions = PaymentReactions(declinedUsers: configuration.declinedUsers)
        case .http:
            let desk = GatewayDesk(context: context)
            try desk.restore()
            self.desk = desk
            reactions = PaymentReactions { desk.unsettled($0) }
        }
    }

    package static func problems(in configuration: Configuration, hasCredentials _: Bool) -> [String] {
        guard configuration.payment.gateway.kind == .http else { return [] }
        return OutboundClient.problem(withCAFile: configuration.payment.gateway.caFile).map { ["payment.gateway.caFile: \($0)"] } ?? []
    }

    package var services: [any Service] {
        guard let desk else { return [] }
        return [GatewayDesk.Runner(desk: desk, reactions: reactions)]
    }

    package var conditions: [String] {
        get async {
            if let desk { return desk.conditions }
            // What cannot be read is said by the daemon's own conditions.
            let waiting = (try? await context.database.read { try $0.unsettledPayments().count }) ?? 0
            return waiting == 0
                ? [] : ["payments wait for the gateway that was configured before: payment.gateway.kind was http (\(waiting))"]
        }
    }

    package func gauges(in snapshot: Snapshot) throws -> [Gauge] {
        guard let desk else { return [] }
        return [
            Gauge("saga_gateway_circuit_open", "1 while the gateway is tried only once a second.", desk.isCircuitOpen ? 1 : 0)
        ]
    }

    package func addRoutes(to router: ServiceRouter) {
        PaymentRoutes(context: context).add(to: router)
    }

    package func addOperatorRoutes(to router: ServiceRouter) {
        PaymentRepair(context: context, reactions: reactions).add(to: router)
        GatewayRoutes(context: context, desk: desk).add(to: router)
        PaymentForgetRoutes(context: context).add(to: router)
    }

    package func standing(of order: OrderID, in snapshot: Snapshot) throws -> Standing? {
        try snapshot.payment(order).map { Standing(status: $0.status.shown) }
    }
}
