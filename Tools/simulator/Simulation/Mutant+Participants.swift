import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore

/// A real participant with something wrong about it.
struct Mutated<P: Participant>: Participant {
    static var service: ServiceName { P.service }

    let original: P
    let reaction: @Sendable (P, SagaEvent, Transaction) throws -> Handled

    func react(to event: SagaEvent, in transaction: Transaction) throws -> Handled {
        try reaction(original, event, transaction)
    }
}

extension Mutant {
    /// nil where this mutant leaves the participant as it is.
    func mutation<P: Participant>(of participant: P, _ afterthoughts: Afterthoughts) -> Mutated<P>? {
        if self == .emitsAfterTheCommit {
            return Mutated(original: participant) { original, event, transaction in
                var handled = try original.react(to: event, in: transaction)
                afterthoughts.add(handled.emissions)
                handled.emissions = []
                return handled
            }
        }
        guard let reaction = reaction(of: P.service) else { return nil }
        return Mutated(original: participant) { original, event, transaction in
            try reaction(event, transaction) { try original.react(to: $0, in: transaction) }
        }
    }

    /// Gets the event, the transaction and the real reaction.
    private typealias Flaw = @Sendable (SagaEvent, Transaction, (SagaEvent) throws -> Handled) throws -> Handled

    private func reaction(of service: ServiceName) -> Flaw? {
        switch service {
        case .order: orderFlaw
        case .inventory: inventoryFlaw
        case .payment: paymentFlaw
        }
    }

    private var orderFlaw: Flaw? {
        switch self {
        case .joinsOnOneFact:
            { event, transaction, react in
                guard case .paymentApproved = event, let order = try transaction.order(event.orderID) else { return try react(event) }
                let claim = StockClaim(orderID: event.orderID, productID: order.terms.productID, quantity: order.terms.quantity)
                _ = try react(.inventoryReserved(claim))
                return try react(event)
            }
        case .approvesCanceled:
            { event, transaction, react in
                if case .paymentApproved = event, let before = try transaction.order(event.orderID), before.status != .pending {
                    var order = before
                    order.status = .approved
                    try transaction.update(order, from: before)
                }
                return try react(event)
            }
        case .overwritesReason:
            { event, transaction, react in
                if case .paymentFailed(_, .declined) = event, let before = try transaction.order(event.orderID),
                    case .canceled = before.status
                {
                    var order = before
                    order.status = .canceled(.paymentFailed)
                    try transaction.update(order, from: before)
                }
                return try react(event)
            }
        case .echoDecides:
            { event, _, react in
                switch event {
                case .paymentFailed(let charge, .orderCanceled): try react(.paymentFailed(charge, reason: .declined))
                case .inventoryFailed(let claim, .orderCanceled): try react(.inventoryFailed(claim, reason: .outOfStock))
                default: try react(event)
                }
            }
        case .forgetsToTellApproval:
            { event, _, react in
                var handled = try react(event)
                handled.emissions.removeAll { $0.event.type == .orderApproved }
                return handled
            }
        case .forgetsCompensationDone:
            { event, _, react in
                if case .paymentRefunded = event { .nothing } else { try react(event) }
            }
        default: nil
        }
    }

    private var inventoryFlaw: Flaw? {
        switch self {
        case .leavesNoVoidMark:
            { event, transaction, react in
                let isEarly = try event.isCompensation && transaction.reservation(event.orderID) == nil
                return try isEarly ? .nothing : react(event)
            }
        case .forgetsVoidMark:
            { event, transaction, react in
                if case .orderCreated = event, try transaction.reservation(event.orderID)?.status == .void {
                    try transaction.connection.run("DELETE FROM reservation WHERE order_id = ?", .id(event.orderID))
                }
                return try react(event)
            }
        case .answersUnderNewID:
            { event, transaction, react in
                var handled = try react(event)
                if handled.outcome == .alreadyApplied {
                    handled.emissions = [Emission(handled.emissions[0].event, id: transaction.decide { $0.newID() })]
                }
                return handled
            }
        case .keepsStock:
            { event, transaction, react in
                let handled = try react(event)
                if event.isCompensation, handled.transition?.to == "RELEASED" {
                    try transaction.changeStock(of: event.orderID) { $0.available -= $1 }
                }
                return handled
            }
        case .releasesTwice:
            { event, transaction, react in
                if event.isCompensation, try transaction.reservation(event.orderID)?.status == .released {
                    try transaction.changeStock(of: event.orderID) {
                        $0.available += $1
                        $0.reserved -= $1
                    }
                }
                return try react(event)
            }
        case .sellsTwice:
            { event, transaction, react in
                if case .orderApproved = event, try transaction.reservation(event.orderID)?.status == .committed {
                    try transaction.changeStock(of: event.orderID) {
                        $0.sold += $1
                        $0.reserved -= $1
                    }
                }
                return try react(event)
            }
        case .oversells:
            { event, transaction, react in
                if case .orderCreated(let terms) = event, try transaction.reservation(terms.orderID) == nil,
                    var stock = try transaction.stock(terms.productID), stock.available < terms.quantity
                {
                    let available = stock.available
                    stock.available += terms.quantity
                    try transaction.save(stock)
                    let handled = try react(event)
                    stock.available = available - terms.quantity
                    stock.reserved += terms.quantity
                    try transaction.save(stock)
                    return handled
                }
                return try react(event)
            }
        case .inventoryIgnoresCancellation:
            { event, _, react in
                if case .orderCanceled = event { .nothing } else { try react(event) }
            }
        default: nil
        }
    }

    private var paymentFlaw: Flaw? {
        switch self {
        case .refundsTwice:
            { event, transaction, react in
                guard event.isCompensation, let payment = try transaction.payment(event.orderID), payment.status == .refunded,
                    let charge = payment.answer?.charge
                else { return try react(event) }
                var handled = Handled.nothing
                handled.emissions = [Emission(.paymentRefunded(charge), id: transaction.decide { $0.newID() })]
                return handled
            }
        case .chargesTwice:
            { event, transaction, react in
                if case .orderCreated = event, try transaction.payment(event.orderID)?.status == .approved {
                    try transaction.connection.run("DELETE FROM payment WHERE order_id = ?", .id(event.orderID))
                }
                return try react(event)
            }
        case .paymentIgnoresCancellation:
            { event, _, react in
                if case .orderCanceled = event { .nothing } else { try react(event) }
            }
        default: nil
        }
    }
}

extension Handled {
    /// As if the event meant nothing here.
    fileprivate static var nothing: Handled { Handled(Reaction<Order>.notApplicable) }
}

extension SagaEvent {
    fileprivate var isCompensation: Bool {
        switch self {
        case .paymentFailed, .inventoryFailed, .orderCanceled: true
        default: false
        }
    }
}

extension Transaction {
    fileprivate func changeStock(of order: OrderID, _ change: (inout Stock, Int64) -> Void) throws {
        guard let claim = try reservation(order)?.answer?.claim, var stock = try stock(claim.productID) else { return }
        change(&stock, claim.quantity)
        try save(stock)
    }
}
