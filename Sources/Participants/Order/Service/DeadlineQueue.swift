import DequeModule
package import Saga
package import Wire

/// The undecided orders in order of age, on a clock that is passed in: the deadline without its thread.
///
/// Lives in memory only. A restart rebuilds it from the stored times, which are of another clock.
package struct DeadlineQueue<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// The time an undecided order is given.
    package var limit: Duration
    /// Those no longer waiting are skipped when their turn comes.
    private var queue: Deque<(id: OrderID, since: Instant)> = []
    private var waiting: Set<OrderID> = []
    /// Those that could not be canceled for a reason of their own: out of the queue, so that they hold up nobody.
    private var postponed: [OrderID: Postponement] = [:]
    private static var mostAtOnce: Int { 256 }
    private static var longestDelay: Duration { .seconds(60) }

    private struct Postponement {
        var until: Instant
        var delay: Duration
        var cause: String
    }

    package init(limit: Duration) {
        self.limit = limit
    }

    /// Takes over the orders an earlier run left undecided. Only here the wall clock counts, and it need not have run in their order.
    package mutating func restore(_ pending: [(id: OrderID, createdAt: Timestamp)], wallClock: Timestamp, at now: Instant) {
        for (id, createdAt) in pending.sorted(by: { $0.createdAt < $1.createdAt }) {
            let age = Duration.microseconds(max(0, wallClock.microseconds - createdAt.microseconds))
            placed(id, at: now.advanced(by: .zero - age))
        }
    }

    /// Returns true when nothing was undecided before.
    @discardableResult
    package mutating func placed(_ id: OrderID, at since: Instant) -> Bool {
        queue.append((id, since))
        waiting.insert(id)
        return count == 1
    }

    package mutating func decided(_ id: OrderID) {
        postponed[id] = nil
        leaveQueue(id)
    }

    /// One that was due could not be canceled for a reason of its own: it is due again after a delay, which doubles each time.
    ///
    /// Returns true when the cause is not the one of the last time.
    package mutating func postpone(_ id: OrderID, because cause: String, at now: Instant) -> Bool {
        let last = postponed[id]
        guard last != nil || waiting.contains(id) else { return false }
        let delay = last.map { min($0.delay * 2, DeadlineQueue.longestDelay) } ?? .seconds(1)
        postponed[id] = Postponement(until: now.advanced(by: delay), delay: delay, cause: cause)
        leaveQueue(id)
        return cause != last?.cause
    }

    package var count: Int { waiting.count + postponed.count }

    package var nextDue: Instant? {
        let retry = postponed.values.lazy.map(\.until).min()
        guard let first = queue.first?.since.advanced(by: limit) else { return retry }
        return retry.map { min($0, first) } ?? first
    }

    /// Whom to cancel now; they stay until they are `decided`, or `postpone`d.
    package func due(at now: Instant) -> [OrderID] {
        var due: [OrderID] = []
        for (id, since) in queue {
            guard since.advanced(by: limit) <= now, due.count < DeadlineQueue.mostAtOnce else { break }
            if waiting.contains(id) { due.append(id) }
        }
        let retries = postponed.lazy.filter { $0.value.until <= now }.map(\.key)
        return due + retries.prefix(DeadlineQueue.mostAtOnce - due.count)
    }

    private mutating func leaveQueue(_ id: OrderID) {
        waiting.remove(id)
        while let head = queue.first, !waiting.contains(head.id) { queue.removeFirst() }
    }
}
