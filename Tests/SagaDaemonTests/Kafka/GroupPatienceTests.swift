import Testing

@testable import KafkaTransport

@Suite struct GroupPatienceTests {
    private let started = ContinuousClock.now
    private let patience = GroupPatience(properties: [:])

    private func wait(isFirst: Bool, wasAll: Bool, after: Duration) -> Duration {
        patience.untilJudged(isFirst: isFirst, wasAll: wasAll, started: started, now: started + after)
    }

    @Test func `the session of a member that is no more has run out before anything is judged`() {
        #expect(patience.session > .milliseconds(6000 + 2000))
        #expect(wait(isFirst: false, wasAll: false, after: .seconds(3)) == patience.session - .seconds(3))
        #expect(GroupPatience(properties: ["session.timeout.ms": "3000", "heartbeat.interval.ms": "500"]).session == .milliseconds(4500))
    }

    @Test func `a second instance is found out within fifteen seconds`() {
        for isFirst in [false, true] {
            #expect(.seconds(5) + wait(isFirst: isFirst, wasAll: false, after: .seconds(5)) < .seconds(15))
        }
    }

    @Test func `of several that come at once each sees those before it leave: newcomers first`() {
        let waits = [(false, false), (true, false), (false, true), (true, true)].map {
            wait(isFirst: $0.0, wasAll: $0.1, after: .seconds(3))
        }
        for (sooner, later) in zip(waits, waits.dropFirst()) { #expect(later - sooner > .seconds(2)) }
    }
}
