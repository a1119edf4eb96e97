import DequeModule
package import Saga

/// The undecided orders in order of age, on a clock that is passed in: the deadline without its thread.
///
/// Lives in memory only. A restart rebuilds it from the stored times, which are of another clock.
package struct DeadlineQueue<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// The time an undecided order is given.
    package var limit: Duration
    /// Those decided meanwhile are skipped when their turn comes.
    private var queue: Deque<(id: OrderID, since: Instant)> = []
    private var undecided: Set<OrderID> = []
    private static var mostAtOnce: Int { 256 }

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

    /// Returns true when nothing was waiting before.
    @discardableResult
    package mutating func placed(_ id: OrderID, at since: Instant) -> Bool {
        queue.append((id, since))
        undecided.insert(id)
        return undecided.count == 1
    }

    package mutating func decided(_ id: OrderID) {
        undecided.remove(id)
        while let head = queue.first, !undecided.contains(head.id) { queue.removeFirst() }
    }

    package var count: Int { undecided.count }

    package var nextDue: Instant? { queue.first.map { $0.since.advanced(by: limit) } }

    /// Whom to cancel now; they stay until they are `decided`.
    package func due(at now: Instant) -> [OrderID] {
        var due: [OrderID] = []
        for (id, since) in queue {
            guard since.advanced(by: limit) <= now, due.count < DeadlineQueue.mostAtOnce else { break }
            if undecided.contains(id) { due.append(id) }
        }
        return due
    }
}
