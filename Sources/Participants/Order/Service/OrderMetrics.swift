import Saga
import Telemetry
import Wire

/// How long orders take to be decided, and why some are canceled.
struct OrderMetrics: Sendable {
    private let placed: Counter
    private let decisions: [String: Histogram]
    private let cancellations: [CancelReason: Counter]

    init(_ metrics: Metrics) {
        placed = metrics.counter("saga_orders_placed_total", "Orders accepted.")
        let decisions = metrics.histogram("saga_order_decision_seconds", "From an order's POST to its decision, by what that was.")
        self.decisions = Dictionary(
            uniqueKeysWithValues: OrderStatus.names.filter { $0 != OrderStatus.pending.name }.map { ($0, decisions[["outcome": $0]]) })
        cancellations = Dictionary(
            uniqueKeysWithValues: CancelReason.allCases.map {
                ($0, metrics.counter("saga_orders_canceled_total", "Orders canceled, by reason.", labels: ["reason": $0.rawValue]))
            })
    }

    func orderPlaced() {
        placed.add()
    }

    /// From its stored times: also of what was placed before a restart.
    func decided(_ order: Order) {
        decisions[order.status.name]?.observe(.microseconds(order.updatedAt.microseconds - order.createdAt.microseconds))
        if case .canceled(let reason) = order.status { cancellations[reason]?.add() }
    }
}
