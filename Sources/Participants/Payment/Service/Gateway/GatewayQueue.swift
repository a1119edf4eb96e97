import DequeModule
import HeapModule
package import Saga

/// Whom the gateway is asked about next, and when: order, limits, backoff and circuit breaker, on a clock that is passed in.
///
/// A payment is asked about by one at a time, so its questions keep their order. Lives in memory; a restart fills it from the database.
package struct GatewayQueue<Instant: InstantProtocol>: Sendable where Instant: Sendable, Instant.Duration == Duration {
    package enum Step: Equatable {
        case ask(OrderID)
        /// Nothing to do before then; nil: before something happens.
        case wait(until: Instant?)
    }

    package enum Failure: Sendable {
        case unknown(retryAfter: Duration?)
        case refused
    }

    private struct Entry {
        var attempts = 0
        /// Something changed while it was asked about.
        var isStale = false
    }

    private struct Retry: Comparable {
        let at: Instant
        let order: OrderID
        /// Only backoff keeps it waiting: where something is known of the gateway before, it may be asked about sooner.
        var mayComeEarly = false

        static func < (a: Retry, b: Retry) -> Bool { a.at < b.at }
    }

    private var entries: [OrderID: Entry] = [:]
    private var ready: Deque<OrderID> = []
    private var retries = Heap<Retry>()
    private var running = 0
    private var failures = 0
    private var nextProbe: Instant?

    package static var mostAtOnce: Int { 64 }
    package static var failuresToOpen: Int { 10 }
    private static var probeInterval: Duration { .seconds(1) }
    private static var refusedDelay: Duration { .seconds(30) }
    private static var longestRetryAfter: Duration { .seconds(60) }

    package init() {}

    package var count: Int { entries.count }

    /// Open, so only one in a second is let through.
    package var isOpen: Bool { failures >= GatewayQueue.failuresToOpen }

    /// Something is to be asked about it.
    package mutating func add(_ order: OrderID) {
        if entries[order] != nil {
            entries[order]?.isStale = true
        } else {
            entries[order] = Entry()
            ready.append(order)
        }
    }

    /// Where it only waits to be asked about again, that is now.
    package mutating func hurry(_ order: OrderID) {
        guard retries.unordered.contains(where: { $0.order == order }) else { return }
        retries = Heap(retries.unordered.filter { $0.order != order })
        ready.prepend(order)
    }

    /// Whoever gets `ask` says how it ended: `settled` or `failed`.
    package mutating func next(at now: Instant) -> Step {
        while let retry = retries.min, retry.at <= now {
            ready.append(retry.order)
            retries.removeMin()
        }
        guard running < GatewayQueue.mostAtOnce else { return .wait(until: nil) }
        if isOpen { return nextProbe(at: now) }
        guard let order = ready.popFirst() else { return .wait(until: retries.min?.at) }
        running += 1
        return .ask(order)
    }

    /// One a second, whatever the backoff has come to: with the first answer all go on.
    private mutating func nextProbe(at now: Instant) -> Step {
        let early = ready.isEmpty ? retries.unordered.filter(\.mayComeEarly).min() : nil
        guard !ready.isEmpty || early != nil else { return .wait(until: retries.min?.at) }
        if let nextProbe, now < nextProbe { return .wait(until: nextProbe) }
        nextProbe = now.advanced(by: GatewayQueue.probeInterval)
        running += 1
        guard let early else { return .ask(ready.removeFirst()) }
        retries = Heap(retries.unordered.filter { $0.order != early.order })
        return .ask(early.order)
    }

    /// The gateway works: it gave an answer that counts.
    package mutating func answered(_ order: OrderID) {
        if isOpen {
            let early = retries.unordered.filter(\.mayComeEarly).sorted()
            retries = Heap(retries.unordered.filter { !$0.mayComeEarly })
            ready.append(contentsOf: early.map(\.order))
        }
        failures = 0
        nextProbe = nil
        entries[order]?.attempts = 0
    }

    /// The gateway gave an answer that counts. What comes of it, such as a charge that nobody wants any more, is looked at next.
    ///
    /// - Parameter isKept: whether the answer is durable; else it is asked for again, under the same key.
    package mutating func known(_ order: OrderID, isKept: Bool, at now: Instant) {
        answered(order)
        add(order)
        if isKept { settled(order) } else { postpone(order, by: .seconds(1), at: now) }
    }

    /// Nothing is to be asked about it any more, but for what came up meanwhile.
    package mutating func settled(_ order: OrderID) {
        running -= 1
        if entries[order]?.isStale == true {
            entries[order]?.isStale = false
            ready.append(order)
        } else {
            entries[order] = nil
        }
    }

    /// Asked again after 0.2 to 30 seconds, ever more rarely.
    ///
    /// - Parameter jitter: from 0 to 1, so that those which failed together do not come back together.
    package mutating func failed(_ order: OrderID, _ failure: Failure, jitter: Double, at now: Instant) {
        running -= 1
        failures += 1
        if isOpen, nextProbe == nil { nextProbe = now.advanced(by: GatewayQueue.probeInterval) }
        let attempts = entries[order]?.attempts ?? 0
        entries[order]?.attempts += 1
        entries[order]?.isStale = false
        let longest = min(.seconds(30), .milliseconds(400) * (1 << min(attempts, 8)))
        let backoff = longest / 2 + longest / 2 * jitter
        switch failure {
        case .refused:
            retries.insert(Retry(at: now.advanced(by: GatewayQueue.refusedDelay), order: order))
        case .unknown(let retryAfter):
            let delay = max(backoff, min(retryAfter ?? .zero, GatewayQueue.longestRetryAfter))
            retries.insert(Retry(at: now.advanced(by: delay), order: order, mayComeEarly: retryAfter == nil))
        }
    }

    /// It could not be looked into, for a reason that is not the gateway's.
    package mutating func postpone(_ order: OrderID, by delay: Duration, at now: Instant) {
        running -= 1
        retries.insert(Retry(at: now.advanced(by: delay), order: order))
    }
}
