package import Saga
package import SagaStore
import Store
import Wire

/// The payment service's part in the saga, over its tables: events, and what a gateway answers.
package struct PaymentReactions: Participant {
    package static let service = ServiceName.payment

    private let gateway: Gateway
    private let rules = EmissionRules(of: service)

    private enum Gateway: Sendable {
        case simulated(declinedUsers: Set<Int64>)
        case external(unsettled: @Sendable (OrderID) -> Void)
    }

    /// The gateway is simulated: it answers at once, and declines these users.
    package init(declinedUsers: Set<Int64>) {
        gateway = .simulated(declinedUsers: declinedUsers)
    }

    /// A gateway outside is asked.
    ///
    /// - Parameter unsettled: told on the writer's thread of an order about which it is to be asked, once that is durable.
    package init(unsettled: @escaping @Sendable (OrderID) -> Void) {
        gateway = .external(unsettled: unsettled)
    }

    package func react(to event: Payment.Heard, of order: OrderID, in transaction: Transaction) throws -> Handled {
        let payment = try transaction.payment(order)
        let reaction = transaction.decide { Payment.react(payment, to: event, of: order, decision: decision, &$0) }
        if let payment = reaction.state {
            try transaction.save(payment)
            if payment.status.isUnsettled { try intend(payment, in: transaction) }
        }
        return Handled(reaction)
    }

    /// What the gateway has done becomes durable together with the event that says so.
    ///
    /// - Returns: nil where that is known already.
    package func settle(_ order: OrderID, _ outcome: GatewayOutcome, in transaction: Transaction) throws -> (
        handled: Handled, trace: TraceContext
    )? {
        guard let payment = try transaction.payment(order), let causes = try transaction.settlementCauses(of: order) else { return nil }
        let reaction = transaction.decide { payment.settle(outcome, &$0) }
        guard let settled = reaction.state else { return nil }
        try transaction.save(settled)
        let (cause, trigger) = outcome == .refunded ? (causes.refund, EventType.orderCanceled) : (causes.charge, .orderCreated)
        for emission in reaction.emissions {
            try rules.require(emission.event, on: trigger)
            try transaction.append(emission, causation: cause, trace: causes.trace, transition: reaction.transition)
        }
        if !settled.status.isUnsettled { try transaction.forgetSettlement(of: order) }
        return (Handled(reaction), causes.trace)
    }

    /// An operator knows that the order came to nothing.
    ///
    /// - Returns: false where nothing is to be given back.
    func giveBack(_ order: OrderID, in transaction: Transaction) throws -> Bool {
        guard let payment = try transaction.payment(order) else { return false }
        let reaction = transaction.decide { payment.takeBack(&$0) }
        guard let changed = reaction.state else { return false }
        try transaction.save(changed)
        if changed.status.isUnsettled { try intend(changed, in: transaction) }
        for emission in reaction.emissions {
            try rules.require(emission.event, on: .orderCanceled)
            try transaction.append(emission, causation: nil, trace: TraceContext(order: order), transition: reaction.transition)
        }
        return true
    }

    private var decision: ChargeDecision {
        switch gateway {
        case .simulated(let declinedUsers): .simulated(declines: declinedUsers.contains)
        case .external: .external
        }
    }

    /// Durable before anybody is asked.
    private func intend(_ payment: Payment, in transaction: Transaction) throws {
        let cause = transaction.gathered.cause
        var causes =
            try transaction.settlementCauses(of: payment.orderID)
            ?? SettlementCauses(trace: cause?.trace ?? TraceContext(order: payment.orderID))
        if payment.status == .pending { causes.charge = cause?.event } else { causes.refund = cause?.event }
        try transaction.save(causes, of: payment.orderID)
        if case .external(let unsettled) = gateway { transaction.afterCommit { unsettled(payment.orderID) } }
    }

    package func purge(_ order: OrderID, in transaction: Transaction) throws -> PurgedHolding {
        guard let payment = try transaction.payment(order) else { return .deleted(nil) }
        guard !payment.status.isUnsettled else { return .unsettled(payment.status.rawValue) }
        try transaction.deletePayment(of: order)
        return .deleted(payment.status.rawValue)
    }
}
