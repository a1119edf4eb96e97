import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import Store
import Wire

/// A participant as small as one can be: it takes a note of each order and answers it, once.
struct FakeParticipant: Participant {
    static let service = ServiceName.inventory

    struct Refusal: Error, CustomStringConvertible {
        let description = "cannot be handled"
    }

    /// Quantities with a meaning.
    static let poison: Int64 = 666
    static let fullDisk: Int64 = 500
    static let mistake: Int64 = 400

    /// A quantity for which it says what its row does not declare.
    static let slip: Int64 = 99

    func react(to event: InventoryState.Heard, of order: OrderID, in transaction: Transaction) throws -> Handled {
        guard case .orderCreated(let claim) = event else { return Handled(Reaction<Int>.notApplicable) }
        let known: EventID?? = try transaction.connection.first(
            "SELECT answer FROM note WHERE text = ?", .text(order.description)
        ) { try $0.optional(0) { try $0.id($1) } }
        if case .some(.some(let answer)) = known {
            return Handled(Reaction<Int>.alreadyApplied(answering: Emission(.inventoryReserved(claim), id: answer)))
        }
        let answer: EventID = transaction.decide { $0.newID() }
        try transaction.connection.run(
            "INSERT INTO note (text, answer) VALUES (?, ?)", .text(order.description), .bits(answer.bits))
        switch claim.quantity {
        case Self.poison: throw Refusal()
        case Self.fullDisk: throw StoreError.full
        case Self.mistake: try transaction.connection.execute("INSERT INTO nowhere VALUES (1)")
        case Self.slip: return Handled(Reaction<Int>.applied(1, emitting: Emission(.inventoryReleased(claim), id: answer)))
        default: break
        }
        return Handled(
            Reaction<Int>.applied(1, Transition(from: nil, to: "RESERVED"), emitting: Emission(.inventoryReserved(claim), id: answer)))
    }
}

extension EventEnvelope {
    static func created(_ order: OrderID, id: EventID, quantity: Int64 = 1, trace: UInt128 = 77) -> EventEnvelope {
        EventEnvelope(
            id: id, time: nil, causation: nil, trace: TraceContext(traceID: trace),
            event: .orderCreated(OrderTerms(orderID: order, userID: 1, productID: 1, quantity: quantity, amount: 1)))
    }

    static func approved(_ order: OrderID, id: EventID) -> EventEnvelope {
        EventEnvelope(
            id: id, time: nil, causation: EventID(bits: 4), trace: TraceContext(order: order), event: .orderApproved(orderID: order))
    }
}

extension IncomingRecord {
    /// The record that carries an event.
    init(_ envelope: EventEnvelope, offset: Int64) {
        self.init(
            topic: "order-events", partition: 0, offset: offset, key: nil,
            attributes: .read(id: envelope.id, time: .start, causation: envelope.causation, trace: envelope.trace),
            value: envelope.event.encoded())
    }
}
