package import SagaStore
package import Store
import Synchronization
package import Transport

/// What the broker has confirmed of this service's topic, and what follows when it turns out that it has it no longer: everything
/// that is retained is published once more, under the ids it had.
///
/// A service is the only writer of its topic, so in a log that is whole offsets only grow. What was confirmed is saved along with the
/// mark that says so, and a loss in the same transaction that begins the republication, of which each part is queued in one too:
/// a crash forgets neither. What was published before the loss was found may come twice, which the readers' inboxes absorb.
package final class Confirmations: CommitHook {
    /// A request for what a reader could not read any more.
    package struct Request: Hashable, Sendable {
        /// Who asks, and of which partition.
        package var reader: String
        /// What it said; the same words are the same request.
        package var text: String

        package init(reader: String, text: String) {
            self.reader = reader
            self.text = text
        }
    }

    private struct State {
        var confirmed: [Int32: Int64] = [:]
        var hasUnsaved = false
        /// Grows with each loss; `saved` is the last one that is durable.
        var losses = 0
        var saved = 0
        var answered: [String: String] = [:]
        var newlyAnswered: [Request] = []
        var republication: Republication?

        /// What is known of the other partitions is forgotten too: everything is published again, and nothing is to be found lost twice.
        mutating func lose() {
            losses += 1
            confirmed = [:]
        }
    }

    private let outbox: OutboxLog
    private let follower: String
    private let state = Mutex(State())

    /// - Parameter follower: the name under which the outbox knows how far the broker has it.
    package init(outbox: OutboxLog, follower: String) {
        self.outbox = outbox
        self.follower = follower
    }

    package func makeTables(in transaction: Transaction) throws {
        try transaction.connection.execute(
            """
            -- The highest offset that a broker has confirmed, for each partition of this service's topic.
            CREATE TABLE IF NOT EXISTS confirmed (partition INTEGER PRIMARY KEY, record_offset INTEGER NOT NULL) STRICT;

            -- At most one row: the topic has lost data, and the outbox is queued again up to a number. Done up to place; the last
            -- row that was queued for it is queued_to.
            CREATE TABLE IF NOT EXISTS republication (place INTEGER NOT NULL, until INTEGER NOT NULL, queued_to INTEGER NOT NULL) STRICT;

            -- The last request of each reader of the topic that was answered by that.
            CREATE TABLE IF NOT EXISTS answered (reader TEXT PRIMARY KEY, request TEXT NOT NULL) STRICT, WITHOUT ROWID;
            """)
    }

    /// Takes over what an earlier run left; called once.
    package func restore(from snapshot: Snapshot) throws {
        let (confirmed, answered) = (try snapshot.confirmedOffsets(), try snapshot.answeredRequests())
        let republication = try snapshot.republication()
        state.withLock { $0 = State(confirmed: confirmed, answered: answered, republication: republication) }
    }

    // MARK: What is learned

    /// What was confirmed so far, to be held against what the topic is then found to hold.
    package struct Expectation: Sendable {
        package let confirmed: [Int32: Int64]
        fileprivate let losses: Int
    }

    package var expectation: Expectation {
        state.withLock { Expectation(confirmed: $0.confirmed, losses: $0.losses) }
    }

    /// The broker has one more record. To be called before it is acknowledged to the outbox.
    ///
    /// - Parameter offset: nil if that is not known, as when the broker has it from an attempt whose answer did not come.
    /// - Returns: false when there was one at or behind it already: then the topic has lost data.
    package func confirm(_ offset: Int64?, in partition: Int32) -> Bool {
        state.withLock { state in
            let known = state.confirmed[partition]
            let isWhole = if let offset, let known { offset > known } else { true }
            if !isWhole { state.lose() }
            // It is behind the others in any case, if the log is whole.
            state.confirmed[partition] = offset ?? (known ?? -1) + 1
            state.hasUnsaved = true
            return isWhole
        }
    }

    /// The topic ends before these offsets, as was found after `expectation` was asked for. One that is missing has no such partition.
    ///
    /// - Parameter strays: so many records of an earlier run may have been written without a report. Where a log is no longer than
    ///   that, it may consist of them alone.
    /// - Parameter older: the partitions that are known to hold more than those.
    /// - Returns: the partitions that have lost data, or may have.
    package func found(
        _ ends: [Int32: Int64], expecting expectation: Expectation, strays: Int64 = 0, older: Set<Int32> = []
    ) -> [Int32] {
        state.withLock { state in
            guard state.losses == expectation.losses else { return [] }
            let lost = expectation.confirmed.filter { partition, offset in
                (ends[partition] ?? 0) <= (older.contains(partition) ? offset : max(offset, strays))
            }.map(\.key).sorted()
            if !lost.isEmpty { state.lose() }
            return lost
        }
    }

    /// Readers ask for what they miss.
    ///
    /// - Returns: those whose request is new.
    package func requested(_ requests: [Request]) -> [Request] {
        state.withLock { state in
            let new = requests.filter { state.answered[$0.reader] != $0.text }
            guard !new.isEmpty else { return [] }
            for request in new { state.answered[request.reader] = request.text }
            state.newlyAnswered += new
            let confirmed = state.confirmed
            state.lose()
            // The rest of the topic is as it was.
            state.confirmed = confirmed
            return new
        }
    }

    // MARK: What follows

    /// Something is still to be queued or to be published again.
    package var isRepublishing: Bool {
        let acknowledged = outbox.acknowledged(by: follower)
        return state.withLock { state in
            if state.losses != state.saved { return true }
            return state.republication.map { !$0.isQueued || $0.queuedTo > acknowledged } ?? false
        }
    }

    /// Adds what was learned to a transaction that is about to be committed; after the outbox has saved its marks.
    package func save(in transaction: Transaction) throws {
        let acknowledged = outbox.acknowledged(by: follower)
        let (state, isDone) = state.withLock { state in
            (state, state.republication.map { $0.isQueued && $0.queuedTo <= acknowledged } ?? false)
        }
        let isLost = state.losses != state.saved
        guard state.hasUnsaved || isLost || isDone else { return }
        var republication = state.republication
        if isLost {
            republication = Republication(until: try transaction.outboxBounds().last)
            for request in state.newlyAnswered { try transaction.saveAnswered(request.text, of: request.reader) }
        } else if isDone {
            republication = nil
        }
        if isLost || isDone { try transaction.save(republication) }
        if state.hasUnsaved || isLost { try transaction.saveConfirmed(state.confirmed) }
        // Only then: a commit may fail.
        transaction.afterCommit { [republication] in
            self.state.withLock { now in
                if now.confirmed == state.confirmed { now.hasUnsaved = false }
                now.saved = state.losses
                now.newlyAnswered.removeAll { state.newlyAnswered.contains($0) }
                if isLost || isDone { now.republication = republication }
            }
        }
    }

    /// Queues the next part of what is to be published again.
    ///
    /// - Returns: false when there is no more, for now.
    package func requeue(in transaction: Transaction) throws -> Bool {
        guard var republication = try transaction.republication(), !republication.isQueued else {
            // One that was just found begins with this very commit.
            return state.withLock { $0.losses != $0.saved }
        }
        let (place, count) = try transaction.republish(after: republication.place, upTo: republication.until)
        republication.place = place
        if count > 0 { republication.queuedTo = try transaction.outboxBounds().last }
        try transaction.save(republication)
        transaction.afterCommit { [republication] in self.state.withLock { $0.republication = republication } }
        return true
    }
}
