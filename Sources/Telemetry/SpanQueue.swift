import DequeModule
import Synchronization

/// Finished spans on their way to a collector, a bounded number: those that find no room are dropped and counted, and nobody ever waits.
package final class SpanQueue: Sendable {
    private let spans = Mutex<Deque<Span>>([])
    private let dropped: Counter
    /// Some seconds of all that three services can do.
    private static let most = 32_768
    package static let batch = 512

    /// - Parameter dropped: counts what never reaches the collector.
    package init(dropped: Counter) {
        self.dropped = dropped
    }

    /// - Returns: whether there are enough for a batch since this.
    package func add(_ new: [Span]) -> Bool {
        let (taken, before) = spans.withLock { spans in
            let taken = min(new.count, Self.most - spans.count)
            spans.append(contentsOf: new.prefix(taken))
            return (taken, spans.count - taken)
        }
        drop(new.count - taken)
        return before < Self.batch && before + taken >= Self.batch
    }

    /// The oldest, enough for one request.
    package func next() -> [Span] {
        spans.withLock { spans in
            let next = Array(spans.prefix(Self.batch))
            spans.removeFirst(next.count)
            return next
        }
    }

    package var isEmpty: Bool { spans.withLock(\.isEmpty) }

    package func drop(_ count: Int) {
        if count > 0 { dropped.add(Int64(count)) }
    }
}
