import Saga
import Transport
import SagaStore
import Store
import Synchronization
import Wire

extension Mutant {
    /// Does a piece of work as a shell with this flaw would.
    func perform(_ work: ReceivedBatch, at node: Node, _ afterthoughts: Afterthoughts) throws {
        let ids = work.records.compactMap { if case .event(let envelope) = $0.examined { envelope.id } else { nil } }
        switch self {
        case .forgetsInbox:
            try node.commit { transaction in for id in ids { try transaction.forget(id) } }
            try node.perform(work)
        case .inboxBeforeEffect:
            let known = try node.inboxIDs()
            var fresh = work
            fresh.records.removeAll { if case .event(let envelope) = $0.examined { known.contains(envelope.id) } else { false } }
            try node.commit { transaction in
                for record in fresh.records { if case .event(let envelope) = record.examined { try transaction.remember(envelope) } }
            }
            try node.commit { transaction in for id in ids where !known.contains(id) { try transaction.forget(id) } }
            try node.perform(fresh)
        case .positionBeforeCommit:
            if let (source, position) = work.position { try node.commit { try $0.savePosition(position, in: source) } }
            try node.perform(work)
        case .overtakesDeadLetters:
            try node.commit { try $0.letOrdersFlow() }
            try node.perform(work)
        case .emitsAfterTheCommit:
            afterthoughts.forget()
            try node.perform(work)
            let emissions = afterthoughts.take()
            for emission in emissions { try node.world.history.tell(emission, at: node) }
            try node.commit { transaction in
                for emission in emissions {
                    let order = emission.event.orderID
                    try transaction.append(emission, causation: work.event(of: order), trace: TraceContext(order: order))
                }
            }
        case .forgetsWhatWasPurged:
            try node.perform(work)
            try node.commit { try $0.forgetPurges() }
        default: try node.perform(work)
        }
    }
}

extension ReceivedBatch {
    fileprivate func event(of order: OrderID) -> EventID? {
        for record in records {
            if case .event(let envelope) = record.examined, envelope.event.orderID == order { return envelope.id }
        }
        return nil
    }
}

extension Transaction {
    fileprivate func forget(_ event: EventID) throws {
        try connection.run("DELETE FROM inbox WHERE event_id = ?", .bits(event.bits))
    }

    fileprivate func forgetPurges() throws {
        try connection.run("DELETE FROM purged_order")
    }

    /// Dead letters hold up nothing any more.
    fileprivate func letOrdersFlow() throws {
        try connection.run("UPDATE dead_letter SET kind = 'unreadable', turn = NULL WHERE resolved_at IS NULL")
    }

    fileprivate func remember(_ envelope: EventEnvelope) throws {
        try connection.run(
            "INSERT OR IGNORE INTO inbox (event_id, order_id, type, received_at, outcome) VALUES (?, ?, ?, ?, 'applied')",
            .bits(envelope.id.bits), .bits(envelope.event.orderID.bits), .text(envelope.event.type.rawValue), .time(now))
    }
}

/// What a flawed process means to tell later, in its memory.
final class Afterthoughts: Sendable {
    private let emissions = Mutex<[Emission]>([])

    func add(_ more: [Emission]) {
        emissions.withLock { $0 += more }
    }

    func take() -> [Emission] {
        emissions.withLock { emissions in
            defer { emissions = [] }
            return emissions
        }
    }

    func forget() {
        emissions.withLock { $0 = [] }
    }
}
