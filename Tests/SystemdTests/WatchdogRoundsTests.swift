import Testing

@testable import Systemd

@Suite("Watchdog rounds")
struct WatchdogRoundsTests {
    @Test("One ping follows when the last of the vitals has answered")
    func completeRound() {
        var rounds = WatchdogRounds(vitalCount: 2)
        #expect(rounds.tick() == [.probe(0), .probe(1)])
        #expect(rounds.answered(1, isWell: true) == [])
        #expect(rounds.answered(0, isWell: true) == [.ping])
        #expect(rounds.tick() == [.probe(0), .probe(1)])
        #expect(rounds.answered(0, isWell: true) == [])
        #expect(rounds.answered(1, isWell: true) == [.ping])
    }

    @Test("A vital that does not answer is reported once, is not asked again, and holds the ping back")
    func stall() {
        var rounds = WatchdogRounds(vitalCount: 2)
        _ = rounds.tick()
        _ = rounds.answered(0, isWell: true)
        #expect(rounds.tick() == [.probe(0), .reportStall(1)])
        #expect(rounds.answered(0, isWell: true) == [])
        #expect(rounds.tick() == [.probe(0)])
        #expect(rounds.answered(0, isWell: true) == [])
        #expect(rounds.answered(1, isWell: true) == [.reportRecovery(1), .ping])
        #expect(rounds.tick() == [.probe(0), .probe(1)])
    }

    @Test("What the others answered before the last tick is too old to count when a stalled one recovers")
    func staleAnswers() {
        var rounds = WatchdogRounds(vitalCount: 2)
        _ = rounds.tick()
        _ = rounds.answered(0, isWell: true)
        _ = rounds.tick()
        #expect(rounds.answered(1, isWell: true) == [.reportRecovery(1)])
        #expect(rounds.answered(0, isWell: true) == [.ping])
    }

    @Test("A vital that says it is unwell is reported once and asked again")
    func unwell() {
        var rounds = WatchdogRounds(vitalCount: 1)
        _ = rounds.tick()
        #expect(rounds.answered(0, isWell: false) == [.reportStall(0)])
        #expect(rounds.tick() == [.probe(0)])
        #expect(rounds.answered(0, isWell: false) == [])
        #expect(rounds.tick() == [.probe(0)])
        #expect(rounds.answered(0, isWell: true) == [.reportRecovery(0), .ping])
    }

    @Test("With nothing to vouch for, each tick pings")
    func noVitals() {
        var rounds = WatchdogRounds(vitalCount: 0)
        #expect(rounds.tick() == [.ping])
        #expect(rounds.tick() == [.ping])
    }
}
