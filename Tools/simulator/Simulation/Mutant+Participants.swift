import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import Store
import Wire

/// A real participant with something wrong about it.
struct Mutated<P: Participant>: Participant {
    static var service: ServiceName { P.service }

    let original: P
    let reaction: @Sendable (P, P.Heard, OrderID, Transaction) throws -> Handled

    func react(to event: P.Heard, of order: OrderID, in transaction: Transaction) throws -> Handled {
        try reaction(original, event, order, transaction)
    }

    func purge(_ order: OrderID, in transaction: Transaction) throws -> PurgedHolding {
        try original.purge(order, in: transaction)
    }
}

extension Mutant {
    /// nil where this mutant leaves the participant as it is.
    func mutation<P: Participant>(of participant: P, _ afterthoughts: Afterthoughts) -> Mutated<P>? {
        if self == .emitsAfterTheCommit {
            return Mutated(original: participant) { original, event, order, transaction in
                var handled = try original.react(to: event, of: order, in: transaction)
                afterthoughts.add(handled.emissions)
                handled.emissions = []
                return handled
            }
        }
        let flaws: [(any Sendable)?] = [orderFlaw, inventoryFlaw, paymentFlaw]
        guard let flaw = flaws.lazy.compactMap({ $0 as? Flaw<P.Heard> }).first else { return nil }
        return Mutated(original: participant) { original, event, order, transaction in
            try flaw.reaction(event, order, transaction) { try original.react(to: $0, of: order, in: transaction) }
        }
    }

    private var orderFlaw: Flaw<Order.Heard>? {
        switch self {
        case .joinsOnOneFact:
            Flaw { event, id, transaction, react in
                guard event == .paymentApproved, try transaction.order(id) != nil else { return try react(event) }
                _ = try react(.inventoryReserved)
                return try react(event)
            }
        case .approvesCanceled:
            Flaw { event, id, transaction, react in
                if event == .paymentApproved, let before = try transaction.order(id), before.status != .pending {
                    var order = before
                    order.status = .approved
                    try transaction.update(order, from: before)
                }
                return try react(event)
            }
        case .overwritesReason:
            Flaw { event, id, transaction, react in
                if event == .paymentFailed("DECLINED"), let before = try transaction.order(id),
                    case .canceled = before.status
                {
                    var order = before
                    order.status = .canceled(.paymentFailed)
                    try transaction.update(order, from: before)
                }
                return try react(event)
            }
        case .echoDecides:
            Flaw { event, _, _, react in
                switch event {
                case .paymentFailed(nil): try react(.paymentFailed("DECLINED"))
                case .inventoryFailed(nil): try react(.inventoryFailed("OUT_OF_STOCK"))
                default: try react(event)
                }
            }
        case .forgetsToTellApproval:
            Flaw { event, _, _, react in
                var handled = try react(event)
                handled.emissions.removeAll { $0.event.type == .orderApproved }
                return handled
            }
        case .forgetsCompensationDone:
            Flaw { event, _, _, react in
                if event == .paymentRefunded { .nothing } else { try react(event) }
            }
        default: nil
        }
    }

    private var inventoryFlaw: Flaw<InventoryState.Heard>? {
        switch self {
        case .leavesNoVoidMark:
            Flaw { event, id, transaction, react in
                let isEarly = try event.isCompensation && transaction.reservation(id) == nil
                return try isEarly ? .nothing : react(event)
            }
        case .forgetsVoidMark:
            Flaw { event, id, transaction, react in
                if case .orderCreated = event, try transaction.reservation(id)?.status == .void {
                    try transaction.connection.run("DELETE FROM reservation WHERE order_id = ?", .bits(id.bits))
                }
                return try react(event)
            }
        case .answersUnderNewID:
            Flaw { event, id, transaction, react in
                var handled = try react(event)
                if handled.outcome == .alreadyApplied {
                    handled.emissions = [Emission(handled.emissions[0].event, id: transaction.decide { $0.newID() })]
                }
                return handled
            }
        case .keepsStock:
            Flaw { event, id, transaction, react in
                let handled = try react(event)
                if event.isCompensation, handled.transition?.to == "RELEASED" {
                    try transaction.changeStock(of: id) { $0.available -= $1 }
                }
                return handled
            }
        case .releasesTwice:
            Flaw { event, id, transaction, react in
                if event.isCompensation, try transaction.reservation(id)?.status == .released {
                    try transaction.changeStock(of: id) {
                        $0.available += $1
                        $0.reserved -= $1
                    }
                }
                return try react(event)
            }
        case .sellsTwice:
            Flaw { event, id, transaction, react in
                if event == .orderApproved, try transaction.reservation(id)?.status == .committed {
                    try transaction.changeStock(of: id) {
                        $0.sold += $1
                        $0.reserved -= $1
                    }
                }
                return try react(event)
            }
        case .oversells:
            Flaw { event, id, transaction, react in
                if case .orderCreated(let claim) = event, try transaction.reservation(id) == nil,
                    var stock = try transaction.stock(claim.productID), stock.available < claim.quantity
                {
                    let available = stock.available
                    stock.available += claim.quantity
                    try transaction.save(stock)
                    let handled = try react(event)
                    stock.available = available - claim.quantity
                    stock.reserved += claim.quantity
                    try transaction.save(stock)
                    return handled
                }
                return try react(event)
            }
        case .inventoryIgnoresCancellation:
            Flaw { event, _, _, react in
                if event == .orderCanceled { .nothing } else { try react(event) }
            }
        default: nil
        }
    }

    private var paymentFlaw: Flaw<Payment.Heard>? {
        switch self {
        case .refundsTwice:
            Flaw { event, id, transaction, react in
                guard event.isCompensation, let payment = try transaction.payment(id), payment.status == .refunded,
                    let charge = payment.answer?.claim
                else { return try react(event) }
                var handled = Handled.nothing
                handled.emissions = [Emission(.paymentRefunded(charge), id: transaction.decide { $0.newID() })]
                return handled
            }
        case .chargesTwice:
            Flaw { event, id, transaction, react in
                if case .orderCreated = event, try transaction.payment(id)?.status == .approved {
                    try transaction.connection.run("DELETE FROM payment WHERE order_id = ?", .bits(id.bits))
                }
                return try react(event)
            }
        case .chargesAfterVoid:
            Flaw { event, id, transaction, react in
                if case .orderCreated = event, try transaction.payment(id)?.status == .void {
                    try transaction.connection.run("DELETE FROM payment WHERE order_id = ?", .bits(id.bits))
                }
                return try react(event)
            }
        case .paymentIgnoresCancellation:
            Flaw { event, _, _, react in
                if event == .orderCanceled { .nothing } else { try react(event) }
            }
        default: nil
        }
    }
}

extension Handled {
    /// As if the event meant nothing here.
    fileprivate static var nothing: Handled { Handled(Reaction<Order>.notApplicable) }
}

/// Gets what was heard, the order, the transaction and the real reaction.
private struct Flaw<Heard: HeardEvent>: Sendable {
    let reaction: @Sendable (Heard, OrderID, Transaction, (Heard) throws -> Handled) throws -> Handled
}

extension InventoryState.Heard {
    fileprivate var isCompensation: Bool { self == .paymentFailed || self == .orderCanceled }
}

extension Payment.Heard {
    fileprivate var isCompensation: Bool { self == .inventoryFailed || self == .orderCanceled }
}

extension Transaction {
    fileprivate func changeStock(of order: OrderID, _ change: (inout Stock, Int64) -> Void) throws {
        guard let claim = try reservation(order)?.answer?.claim, var stock = try stock(claim.productID) else { return }
        change(&stock, claim.quantity)
        try save(stock)
    }
}
