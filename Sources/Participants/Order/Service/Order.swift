package import Wire
package import Saga

/// An order as the order service knows it: the state machine that ends every order APPROVED or CANCELED.
///
/// APPROVED needs both facts, stock and money. The first reason to cancel stays. APPROVED and CANCELED are final: whatever arrives
/// later is recorded as a fact and changes nothing else, since the participants compensate by themselves.
package struct Order: Equatable, Sendable {
    package var terms: OrderTerms
    package var status: OrderStatus
    /// Beside the reason of a canceled order, where a participant gave one.
    package var detail: String?
    package var inventory: InventoryFact
    package var payment: PaymentFact
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// Of everything that comes of it.
    package var trace: TraceContext

    /// - Parameter trace: the client's; nil: one that begins with the order, and is called like it.
    package init(
        terms: OrderTerms, status: OrderStatus, detail: String? = nil, inventory: InventoryFact, payment: PaymentFact,
        createdAt: Timestamp, updatedAt: Timestamp, trace: TraceContext? = nil
    ) {
        self.terms = terms
        self.status = status
        self.detail = detail
        self.inventory = inventory
        self.payment = payment
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.trace = trace ?? TraceContext(order: terms.orderID)
    }
}

package enum OrderStatus: Equatable, Sendable {
    case pending
    case approved
    case canceled(CancelReason)

    package var name: String {
        switch self {
        case .pending: "PENDING"
        case .approved: "APPROVED"
        case .canceled: "CANCELED"
        }
    }

    package static let names = ["PENDING", "APPROVED", "CANCELED"]
}

/// What inventory has said of an order. A fact only moves forward, so a repeated or late event never undoes one.
package enum InventoryFact: Int64, CaseIterable, Sendable {
    case unknown, reserved, failed, released
}

/// What payment has said of an order. A fact only moves forward, so a repeated or late event never undoes one.
package enum PaymentFact: Int64, CaseIterable, Sendable {
    case unknown, approved, failed, refunded
}

extension Order {
    package static func place(_ terms: OrderTerms, trace: TraceContext? = nil, _ context: inout DecisionContext) -> Reaction<Order> {
        let order = Order(
            terms: terms, status: .pending, inventory: .unknown, payment: .unknown, createdAt: context.now, updatedAt: context.now,
            trace: trace)
        return .applied(
            order, Transition(from: nil, to: order.status.name), emitting: context.emission(.orderCreated(terms)))
    }

    /// What an event means to an order; nil is an order that is not known here.
    package static func react(_ order: Order?, to event: Heard, _ context: inout DecisionContext) -> Reaction<Order> {
        guard var order else { return .notApplicable }
        let before = order
        switch event {
        case .inventoryReserved:
            if order.inventory == .unknown { order.inventory = .reserved }
            return order.joined(since: before, &context)
        case .paymentApproved:
            if order.payment == .unknown { order.payment = .approved }
            return order.joined(since: before, &context)

        case .inventoryFailed(let cause):
            if order.inventory == .unknown { order.inventory = .failed }
            return cause.map { order.failed(.inventoryFailed, $0, since: before, &context) } ?? order.recorded(since: before)
        case .paymentFailed(let cause):
            if order.payment == .unknown { order.payment = .failed }
            return cause.map { order.failed(.paymentFailed, $0, since: before, &context) } ?? order.recorded(since: before)

        case .inventoryReleased:
            if order.inventory != .failed { order.inventory = .released }
            return order.recorded(since: before)
        case .paymentRefunded:
            if order.payment != .failed { order.payment = .refunded }
            return order.recorded(since: before)
        }
    }

    /// A client or the deadline cancels. Not applicable to an order that is already final.
    package func cancel(_ reason: CancelReason, _ context: inout DecisionContext) -> Reaction<Order> {
        guard case .pending = status else { return .notApplicable }
        return failed(reason, nil, since: self, &context)
    }

    /// Whom the saga still needs to hear from, while it is pending and while it is compensated.
    package var waitingFor: [ServiceName] {
        var waiting: [ServiceName] = []
        switch status {
        case .pending:
            if inventory == .unknown { waiting.append(.inventory) }
            if payment == .unknown { waiting.append(.payment) }
        case .approved: break
        case .canceled:
            if inventory == .unknown || inventory == .reserved { waiting.append(.inventory) }
            if payment == .unknown || payment == .approved { waiting.append(.payment) }
        }
        return waiting
    }

    /// It is final, and everything that follows from that is known to be done.
    package var isAtRest: Bool { status != .pending && waitingFor.isEmpty }

    private func joined(since before: Order, _ context: inout DecisionContext) -> Reaction<Order> {
        guard case .pending = status, inventory == .reserved, payment == .approved else { return recorded(since: before) }
        return decided(.approved, .orderApproved(orderID: terms.orderID), &context)
    }

    private func failed(
        _ reason: CancelReason, _ detail: String?, since before: Order, _ context: inout DecisionContext
    ) -> Reaction<Order> {
        guard case .pending = status else { return recorded(since: before) }
        var order = self
        order.detail = detail
        return order.decided(.canceled(reason), .orderCanceled(orderID: terms.orderID, reason: reason), &context)
    }

    private func decided(_ status: OrderStatus, _ event: SagaEvent, _ context: inout DecisionContext) -> Reaction<Order> {
        var order = self
        order.status = status
        order.updatedAt = max(context.now, createdAt)
        return .applied(order, Transition(from: self.status.name, to: status.name), emitting: context.emission(event))
    }

    /// Only a fact became known, if any.
    private func recorded(since before: Order) -> Reaction<Order> {
        self == before ? .notApplicable : .applied(self)
    }
}
