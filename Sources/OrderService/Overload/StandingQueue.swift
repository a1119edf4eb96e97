/// Tells a queue that stands from one that is only a burst, by how long those it serves have waited (after CoDel, RFC 8289): a burst is
/// gone after a while, and then somebody has hardly waited. Also knows how many it serves in a tick.
package struct StandingQueue: Sendable {
    package typealias Instant = ContinuousClock.Instant

    private let target: Duration
    private let interval: Duration
    private let floor: Int

    private var served = 0
    private var leastDelay: Duration?
    private var lastServed: Instant?
    private var aboveSince: Instant?

    /// How many are served in a tick, smoothed over some.
    package private(set) var rate = 0.0
    /// In the last tick nobody was served in less than the target. Not so while nobody is served at all: then it does not flow, and
    /// turning away those who come makes nothing better.
    package private(set) var isSlow = false

    /// - Parameters:
    ///   - target: a bearable delay.
    ///   - interval: for which it must have been exceeded without a break.
    ///   - floor: so many at a time are no overload, however slow the machine is.
    package init(target: Duration, interval: Duration, floor: Int) {
        self.target = target
        self.interval = interval
        self.floor = floor
    }

    package mutating func served(after delay: Duration) {
        served += 1
        leastDelay = min(leastDelay ?? delay, delay)
    }

    /// So many ticks have passed since the last time, and so many are in the queue now.
    package mutating func tick(_ ticks: Int, depth: Int, at now: Instant) {
        let average = Double(served) / Double(ticks)
        // Whoever was not served for long is measured anew.
        rate = rate < 1 || ticks > 8 ? average : rate + (average - rate) * (1 - power(0.75, ticks))
        isSlow = depth >= floor && (leastDelay ?? .zero) > target
        if served > 0 {
            lastServed = now
            aboveSince = isSlow ? aboveSince ?? now : nil
        } else if depth < floor || lastServed.map({ now - $0 > interval }) ?? true {
            aboveSince = nil
        }
        served = 0
        leastDelay = nil
    }

    package func isStanding(at now: Instant) -> Bool {
        aboveSince.map { now - $0 >= interval } ?? false
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { power, _ in power * base }
    }
}
