package import HTTPServer
package import Wire

/// Decides how many new orders are let in when more come than can be done: as many as are being finished, so that the delay of those
/// stays bounded while nothing stands idle. The rest is refused.
///
/// Two queues tell: orders that wait to be accepted, and accepted orders that wait to be decided. While neither stands everybody is let
/// in. Once one does, the number of orders let in follows what it serves: below it until the delay is bearable again, then slowly
/// up, until for a while there was nobody to refuse (additive increase, multiplicative decrease). Orders that nobody decides, since a
/// broker or a peer is away, do not count: nobody is served then, so nothing is measured, and they are accepted up to `backlogLimit`.
///
/// A value in memory only; time is passed in. It looks only when somebody asks: a service at rest does nothing for it.
package struct OverloadControl: Sendable {
    package typealias Instant = SteadyClock.Instant

    /// Long against a commit, short against the delays that are watched.
    package static let tick = Duration.milliseconds(100)
    private static let increase = 33.0 / 32
    /// Ticks without a refusal until everybody is let in again.
    private static let calm = 10

    /// A fifth of a second is several commits of hundreds of orders each: a thousand patient clients wait half of that, and refusing some of
    /// them would cost more than it saves. Up to 256 at once are no overload, however slow the machine is.
    private var creates = StandingQueue(target: .milliseconds(200), interval: .seconds(1), floor: 256)
    /// At full speed a saga takes 0.1 s on the direct transport and 0.5 s over Kafka. 2,048 orders are a burst that anybody may send.
    private var sagas = StandingQueue(target: .seconds(1), interval: .seconds(1), floor: 2048)

    private struct Restriction {
        var budget: Double
        var share: FairShare
        var refused = 0
        var calm = 0
    }

    private var restriction: Restriction?
    private var lastTick: Instant
    private var inFlight = 0

    package init(at now: Instant) {
        lastTick = now
    }

    package func isRestricted(at now: Instant) -> Bool {
        // Where nobody asks any more, nobody is refused.
        restriction != nil && now - lastTick < OverloadControl.tick * OverloadControl.calm
    }

    /// - Parameter unfinished: how many accepted orders are undecided; called once a tick.
    package mutating func ask(_ client: ClientAddress, unfinished: () -> Int, at now: Instant) -> FairShare.Verdict {
        if now - lastTick >= OverloadControl.tick { renew(unfinished: unfinished(), at: now) }
        let verdict = restriction?.share.ask(client) ?? .granted
        if case .granted = verdict { inFlight += 1 } else { restriction?.refused += 1 }
        return verdict
    }

    /// A request that was let in was answered with an order, after so long; nil: otherwise or not at all.
    package mutating func left(after delay: Duration?) {
        inFlight -= 1
        if let delay { creates.served(after: delay) }
    }

    package mutating func finished(after delay: Duration) {
        sagas.served(after: delay)
    }

    private mutating func renew(unfinished: Int, at now: Instant) {
        let ticks = Int((now - lastTick) / OverloadControl.tick)
        lastTick = lastTick + OverloadControl.tick * ticks
        creates.tick(ticks, depth: inFlight, at: now)
        sagas.tick(ticks, depth: unfinished, at: now)
        if restriction != nil {
            adjust(after: ticks)
        } else if creates.isStanding(at: now) || sagas.isStanding(at: now) {
            let budget = bearable ?? .infinity
            restriction = Restriction(budget: budget, share: FairShare(budget: budget))
        }
    }

    private mutating func adjust(after ticks: Int) {
        guard var current = restriction else { return }
        current.calm = current.refused == 0 ? current.calm + ticks : 0
        current.refused = 0
        guard current.calm < OverloadControl.calm else {
            restriction = nil
            return
        }
        current.budget = bearable ?? current.budget * OverloadControl.increase + 1
        current.share.renew(budget: current.budget)
        restriction = current
    }

    /// What both queues bear; nil when neither is slow.
    private var bearable: Double? {
        guard let first = creates.bearable, let second = sagas.bearable else { return creates.bearable ?? sagas.bearable }
        return min(first, second)
    }
}
