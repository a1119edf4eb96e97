package import Saga
package import SagaStore
import Store
import Wire

/// The order service's part in the saga, over its tables: events, and what clients and the deadline decide.
package struct OrderReactions: Participant {
    package static let service = ServiceName.order

    /// Told on the writer's thread, so in order, once a new order or a decision is durable.
    private let placed: @Sendable (OrderID) -> Void
    private let decided: @Sendable (Order) -> Void
    private let finished: @Sendable (Duration) -> Void
    private let sampleRatio: Double
    private let rules = EmissionRules(of: service)

    /// - Parameters:
    ///   - sampleRatio: of the traces that begin here, how many are exported.
    ///   - finished: told of what the saga has decided, and after how long; not of what a client or the deadline cuts short.
    package init(
        sampleRatio: Double = 1, placed: @escaping @Sendable (OrderID) -> Void = { _ in },
        decided: @escaping @Sendable (Order) -> Void = { _ in },
        finished: @escaping @Sendable (Duration) -> Void = { _ in }
    ) {
        self.sampleRatio = sampleRatio
        self.placed = placed
        self.decided = decided
        self.finished = finished
    }

    package func react(to event: Order.Heard, of id: OrderID, in transaction: Transaction) throws -> Handled {
        let order = try transaction.order(id)
        let reaction = transaction.decide { Order.react(order, to: event, &$0) }
        if let order {
            try save(reaction, from: order, in: transaction)
            if reaction.transition != nil {
                let age = Duration.microseconds(transaction.now.microseconds - order.createdAt.microseconds)
                transaction.afterCommit { [finished] in finished(age) }
            }
        }
        return Handled(reaction, trace: order?.trace)
    }

    package func place(_ terms: OrderTerms, trace: TraceContext? = nil, in transaction: Transaction) throws -> Placed {
        let trace = trace ?? TraceContext(order: terms.orderID, isSampled: isSampled(terms.orderID))
        let reaction = transaction.decide { Order.place(terms, trace: trace, &$0) }
        guard let order = reaction.state else { preconditionFailure("a placed order has a state") }
        try transaction.insert(order)
        let placed = placed
        transaction.afterCommit { placed(terms.orderID) }
        return Placed(order: order, handled: try append(reaction, order.trace, in: transaction))
    }

    package struct Placed: Sendable {
        package let order: Order
        package let handled: Handled
    }

    /// A client or the deadline cancels. nil when there is no such order.
    package func cancel(_ id: OrderID, _ reason: CancelReason, in transaction: Transaction) throws -> Placed? {
        guard let order = try transaction.order(id) else { return nil }
        let reaction = transaction.decide { order.cancel(reason, &$0) }
        try save(reaction, from: order, in: transaction)
        return Placed(order: reaction.state ?? order, handled: try append(reaction, order.trace, in: transaction))
    }

    /// By the end of the id, which is random: a request that is sent again has the same answer.
    private func isSampled(_ order: OrderID) -> Bool {
        Double(UInt32(truncatingIfNeeded: order.bits)) < sampleRatio * 0x1p32
    }

    private func save(_ reaction: Reaction<Order>, from before: Order, in transaction: Transaction) throws {
        guard let order = reaction.state else { return }
        try transaction.update(order, from: before)
        if reaction.transition != nil {
            let decided = decided
            transaction.afterCommit { decided(order) }
        }
    }

    /// Queues what no received event records: the transition goes along with the event it causes.
    private func append(_ reaction: Reaction<Order>, _ trace: TraceContext, in transaction: Transaction) throws -> Handled {
        for emission in reaction.emissions {
            try rules.require(emission.event, on: nil)
            try transaction.append(emission, causation: nil, trace: trace, transition: reaction.transition)
        }
        return Handled(reaction)
    }
}
