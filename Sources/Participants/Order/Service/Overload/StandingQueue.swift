package import Wire

/// Tells a queue that stands from one that is only a burst, by how long those it serves have waited (after CoDel, RFC 8289): a burst is
/// gone after a while, and with it the delay. Also knows how many may come for the delay to be bearable again.
package struct StandingQueue: Sendable {
    package typealias Instant = SteadyClock.Instant

    private let target: Duration
    private let interval: Duration
    private let floor: Int

    private var served = 0
    private var delays = Duration.zero
    private var lastServed: Instant?
    private var aboveSince: Instant?

    /// How many are served in a tick, smoothed over some.
    private var rate = 0.0
    /// By how much the mean delay of the last tick exceeded the target; nil when it did not, and while nobody is served at all: then it does
    /// not flow, and turning away those who come makes nothing better.
    private var excess: Duration?

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
        delays += delay
    }

    /// So many ticks have passed since the last time, and so many are in the queue now.
    package mutating func tick(_ ticks: Int, depth: Int, at now: Instant) {
        let average = Double(served) / Double(ticks)
        // Whoever was not served for long is measured anew.
        rate = rate < 1 || ticks > 8 ? average : rate + (average - rate) * (1 - power(0.75, ticks))
        let delay = served > 0 ? delays / served : .zero
        excess = depth >= floor && delay > target ? delay - target : nil
        if served > 0 {
            lastServed = now
            aboveSince = excess == nil ? nil : aboveSince ?? now
        } else if depth < floor || lastServed.map({ now - $0 > interval }) ?? true {
            aboveSince = nil
        }
        served = 0
        delays = .zero
    }

    /// How many may come in a tick for the delay to shrink, at a pace at which it would be gone in about two seconds; nil while it is
    /// bearable. There is work for longer than that pace takes away, so nothing stands idle for it.
    package var bearable: Double? {
        excess.map { max(1, rate * min(7 / 8, max(1 / 4, 1 - $0 / .seconds(2)))) }
    }

    package func isStanding(at now: Instant) -> Bool {
        aboveSince.map { now - $0 >= interval } ?? false
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { power, _ in power * base }
    }
}
