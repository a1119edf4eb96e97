import SagaStore
import Store
import Synchronization
import Transport

/// Notes for delivery what was decided, from the outbox, where it is in any case: placing and deciding orders writes nothing for it.
///
/// How far it has come is written along with what it notes, so that after a crash nothing is noted twice or passed over.
final class WebhookIntake: Sendable {
    private struct State {
        var position: Int64 = 0
        /// The position that is in the database.
        var saved: Int64 = 0
    }

    private let state = Mutex(State())
    private let outbox: OutboxLog
    private let database: Database
    /// What has no decision in it is passed over without a commit, but not for ever.
    private static let longestUnsaved: Int64 = 256

    init(outbox: OutboxLog, database: Database) {
        self.outbox = outbox
        self.database = database
    }

    /// Behind which the outbox is needed still.
    var saved: Int64 { state.withLock(\.saved) }

    /// Begins where an earlier run came to; the first time with what is decided from now on.
    ///
    /// - Returns: whether decisions are missing, which were made while there was no webhook and are not kept any more.
    func begin() async throws -> Bool {
        let (first, last) = try await database.read { try $0.outboxBounds() }
        let found = try await database.read { try $0.webhookPosition() }
        let isMissing = found.map { $0 < first - 1 } ?? false
        let position = isMissing ? first - 1 : min(found ?? last, last)
        if position != found { try await database.writer.write(isBounded: true) { try $0.saveWebhookPosition(position) } }
        state.withLock { $0 = State(position: position, saved: position) }
        return isMissing
    }

    func waitForMore() async {
        await outbox.waitForEntries(after: state.withLock(\.position))
    }

    /// - Returns: how many were noted; nil where there was nothing to look at.
    func noteDecisions() async throws -> Int? {
        let (position, saved) = state.withLock { ($0.position, $0.saved) }
        guard outbox.last > position,
            case .found(let changes, let reached) = try await database.read({ try $0.orderChanges(after: position) })
        else { return nil }
        let decided = changes.filter { $0.order.status != .pending }
        let isSaved = !decided.isEmpty || reached - saved >= Self.longestUnsaved
        if isSaved {
            try await database.writer.write(isBounded: true) { transaction in
                for change in decided { try transaction.insertDelivery(of: change.order.terms.orderID, decidedAt: change.position) }
                try transaction.saveWebhookPosition(reached)
            }
        }
        state.withLock { state in
            state.position = reached
            if isSaved { state.saved = reached }
        }
        return decided.count
    }
}
