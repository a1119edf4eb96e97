package import SagaStore
package import Store
import DequeModule
import Synchronization

/// The outbox as its readers see it: a log that is followed from a position, in order, without polling.
///
/// The newest entries are kept in memory, so that a reader who keeps up never touches the disk; one who lags reads the table. Also
/// keeps how far each follower has come, which decides what counts as published. Those marks are written along with the next
/// commit: after a crash a little is delivered again, which the inbox of the reader absorbs.
package final class OutboxLog: CommitHook {
    private struct State {
        var tail: Deque<OutboxEntry> = []
        var last: Int64 = 0
        var acknowledged: [String: Int64] = [:]
        /// What had reached every follower when this run began.
        var publishedBefore: Int64 = 0
        var hasUnsavedMarks = false
        var waiters: [Int: (after: Int64, resume: CheckedContinuation<Void, Never>)] = [:]
        var nextWaiter = 0

        var published: Int64 { acknowledged.values.min() ?? last }
    }

    private let state = Mutex(State())
    private let followers: [String]
    private static let tailLength = 8192

    /// - Parameter followers: who must have read an entry before it counts as published.
    package init(followers: [String]) {
        self.followers = followers
    }

    /// Takes over what an earlier run left; called once, before anything is appended.
    package func restore(from snapshot: Snapshot) throws {
        let last = try snapshot.outboxBounds().last
        let saved = try snapshot.followers()
        state.withLock { state in
            state.last = last
            for follower in followers { state.acknowledged[follower] = saved[follower] ?? 0 }
            state.publishedBefore = state.published
        }
    }

    /// Called by the writer after each commit, in order.
    package func appended(_ entries: [OutboxEntry]) {
        let ready = state.withLock { state in
            state.tail.append(contentsOf: entries)
            if state.tail.count > OutboxLog.tailLength { state.tail.removeFirst(state.tail.count - OutboxLog.tailLength) }
            state.last = entries.last?.seq ?? state.last
            let ready = state.waiters.filter { $0.value.after < state.last }
            for key in ready.keys { state.waiters[key] = nil }
            return ready.values.map(\.resume)
        }
        for continuation in ready { continuation.resume() }
    }

    /// The entries behind `seq`, from memory where possible. Empty when there are none.
    package func entries(after seq: Int64, limit: Int, in database: Database) async throws -> [OutboxEntry] {
        if let recent = recentEntries(after: seq, limit: limit) { return recent }
        return try await database.read { try $0.outbox(after: seq, limit: limit) }
    }

    /// The entries behind `seq` if they are in memory; nil when they must be read from disk.
    package func recentEntries(after seq: Int64, limit: Int) -> [OutboxEntry]? {
        state.withLock { state in
            if seq >= state.last { return [] }
            guard let first = state.tail.first, first.seq <= seq + 1 else { return nil }
            // Numbers in the tail are dense, but for those of rolled back work, so the place is at or before this one.
            var index = min(Int(seq + 1 - first.seq), state.tail.count - 1)
            while index > 0, state.tail[index - 1].seq > seq { index -= 1 }
            return Array(state.tail[index..<min(index + limit, state.tail.count)])
        }
    }

    /// Returns when there is something behind `seq`, or the task is canceled.
    package func waitForEntries(after seq: Int64) async {
        let key = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.last > seq || Task.isCancelled { return true }
                    state.waiters[key] = (seq, continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: key) }?.resume.resume()
        }
    }

    /// Notes that `follower` has everything up to `seq` and will not ask for it again.
    package func acknowledge(_ seq: Int64, by follower: String) {
        state.withLock { state in
            guard let known = state.acknowledged[follower], seq > known, seq <= state.last else { return }
            state.acknowledged[follower] = seq
            state.hasUnsavedMarks = true
        }
    }

    /// Adds the followers' marks to a transaction that is about to be committed anyway.
    package func save(in transaction: Transaction) throws {
        let marks = state.withLock { state -> [String: Int64]? in
            state.hasUnsavedMarks ? state.acknowledged : nil
        }
        guard let marks else { return }
        for (follower, seq) in marks { try transaction.saveFollower(follower, at: seq) }
        // Only then: a commit may fail.
        transaction.afterCommit {
            self.state.withLock { state in
                if state.acknowledged == marks { state.hasUnsavedMarks = false }
            }
        }
    }

    package var last: Int64 { state.withLock(\.last) }

    /// The oldest entry that is in memory; retention may have deleted it from disk already.
    package var firstRecent: Int64? { state.withLock(\.tail.first?.seq) }

    /// How far `follower` is known to have read.
    package func acknowledged(by follower: String) -> Int64 {
        state.withLock { $0.acknowledged[follower] ?? 0 }
    }

    /// Everything up to this number has reached every follower.
    package var published: Int64 {
        state.withLock(\.published)
    }

    /// How many entries have reached every follower in this run.
    package var publishedSinceStart: Int64 {
        state.withLock { $0.published - $0.publishedBefore }
    }

    /// How many entries have not reached every follower.
    package var backlog: Int64 {
        state.withLock { $0.last - $0.published }
    }
}
