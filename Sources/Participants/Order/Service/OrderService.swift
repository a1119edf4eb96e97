package import Saga
package import SagaConfiguration
package import HTTPServer
import Outbound
package import SagaDaemon
package import SagaStore
package import Store
package import ServiceLifecycle
package import Telemetry
package import Wire

/// The order service: takes orders, and ends each of them APPROVED or CANCELED.
package struct OrderService: SagaService {
    package static let schema = Schema.order
    package static let openAPI = PackageResources.openapi_json

    package let reactions: OrderReactions
    private let metrics: OrderMetrics
    private let waiters: OrderWaiters
    private let deadline: OrderDeadline
    private let orderGate: OrderGate
    private let feed: ChangeFeed
    private let webhook: WebhookDesk?
    private let context: ServiceContext

    package init(context: ServiceContext) throws {
        let metrics = OrderMetrics(context.metrics)
        let waiters = OrderWaiters(clock: context.steadyClock)
        let deadline = OrderDeadline(limit: context.configuration.order.deadline, context: context)
        let orderGate = OrderGate(unfinished: { deadline.count }, clock: context.steadyClock, metrics: context.metrics)
        let reactions = OrderReactions(
            sampleRatio: context.configuration.tracing.sampleRatio, placed: { deadline.placed($0) },
            decided: {
                deadline.decided($0.terms.orderID)
                waiters.decided($0.terms.orderID)
                metrics.decided($0)
            }, finished: { orderGate.finished(after: $0) })
        try deadline.restore()
        self.metrics = metrics
        self.waiters = waiters
        self.deadline = deadline
        self.orderGate = orderGate
        self.reactions = reactions
        feed = ChangeFeed(outbox: context.outbox, database: context.database, clock: context.steadyClock)
        webhook = WebhookDesk(context: context)
        self.context = context
    }

    package func addRoutes(to router: ServiceRouter) {
        OrderRoutes(reactions: reactions, waiters: waiters, metrics: metrics, context: context).add(to: router)
        ChangeRoute(feed: feed, database: context.database, clock: context.steadyClock).add(to: router)
    }

    package func addOperatorRoutes(to router: ServiceRouter) {
        OrderOperatorRoutes(reactions: reactions, context: context).add(to: router)
        WebhookRoutes(desk: webhook, context: context).add(to: router)
        OrderPurgeRoutes(reactions: reactions, purge: purge, context: context).add(to: router)
    }

    package static var takesOrders: Bool { true }

    package var gate: (any RequestGate)? { orderGate }

    package static func problems(in configuration: Configuration, hasCredentials: Bool) -> [String] {
        let webhook = configuration.order.webhook
        if webhook.url.isEmpty { return [] }
        var problems: [String] = []
        if hasCredentials, webhook.secrets.isEmpty {
            problems.append(
                "order.webhook.url: the credential webhook.secret, with which webhooks are signed, is missing: under systemd it is "
                    + "/etc/credstore/sagad.webhook.secret, see sagad.yaml(5)")
        }
        if let problem = OutboundClient.problem(withCAFile: webhook.caFile) { problems.append("order.webhook.caFile: \(problem)") }
        return problems
    }

    package var conditions: [String] { webhook?.conditions ?? [] }

    package var services: [any Service] {
        let own: [any Service] = [OrderDeadline.Runner(deadline: deadline, reactions: reactions), ChangeFeed.Runner(feed: feed)]
        return own + (webhook.map { [WebhookDesk.Runner(desk: $0)] } ?? [])
    }

    package var outboxPosition: Int64 { webhook?.position ?? .max }

    package func gauges(in _: Snapshot) -> [Gauge] {
        [
            Gauge(
                "saga_webhook_pending", "Decided orders that the webhook's receiver has not taken yet.", Double(webhook?.pending ?? 0))
        ]
    }

    package func standing(of order: OrderID, in snapshot: Snapshot) throws -> Standing? {
        try snapshot.order(order).map { Standing(status: $0.status.name, waitingFor: $0.waitingFor) }
    }

    package func orderCounts(from totals: [String: Int64]) -> [String: Int]? {
        Dictionary(uniqueKeysWithValues: OrderStatus.names.map { ($0, Int(totals["orders.\($0)"] ?? 0)) })
    }

    package func deleteExpired(before cutoff: Timestamp, limit: Int, in transaction: Transaction) throws -> Bool {
        try transaction.deleteIdempotencyKeys(before: cutoff, limit: limit)
    }

    package func purge(before cutoff: Timestamp) async throws -> Int {
        try await purge.purge(before: cutoff)
    }

    private var purge: OrderPurge {
        OrderPurge(reactions: reactions, context: context, noted: { [webhook] in webhook?.position ?? .max })
    }

    package func reload(_ configuration: Configuration) {
        deadline.setLimit(configuration.order.deadline)
    }
}
