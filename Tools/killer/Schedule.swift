import Saga

/// How events travel in a run.
enum TransportKind: String, CaseIterable, Sendable {
    case direct, kafka
}

/// What happens to a suite, from one seed: the same each time, whatever the daemons do meanwhile.
struct Schedule: Sendable {
    struct Cycle: Equatable, Sendable {
        /// Often shorter than a daemon takes to start.
        let pause: Duration
        let strike: Strike
        /// All daemons are let become ready before the next one. Otherwise it may hit what is still starting.
        let isFollowedByRecovery: Bool
    }

    enum Strike: Equatable, Sendable {
        /// SIGKILL to all of them at once; each is started again after its own time.
        case kill([ServiceName], restartAfter: [Duration])
        /// SIGTERM, and SIGKILL to one that is not to be let finish.
        case stop(ServiceName, killAfter: Duration?)
        /// SIGSTOP, then SIGCONT or SIGKILL.
        case freeze(ServiceName, Duration, endsInKill: Bool)
        /// Nobody reaches the broker for a while.
        case brokerOutage(Duration)
        /// SIGKILL to the broker, which loses all records, groups and offsets.
        case brokerLoss(Duration)
    }

    let seed: UInt64
    let transport: TransportKind

    func cycle(_ number: Int) -> Cycle {
        var dice = Dice(seed: seed, number: number)
        let pause = dice.chance(percent: 40) ? dice.milliseconds(0...150) : dice.milliseconds(150...1200)
        // A consumer group takes some five seconds to be joined again.
        return Cycle(pause: pause, strike: strike(&dice), isFollowedByRecovery: dice.chance(percent: transport == .kafka ? 15 : 40))
    }

    private func strike(_ dice: inout Dice) -> Strike {
        let victim = ServiceName.allCases.randomElement(using: &dice)!
        switch Int.random(in: 0..<(transport == .kafka ? 110 : 100), using: &dice) {
        case ..<40: return kill(1, &dice)
        case ..<52: return kill(2, &dice)
        case ..<65: return kill(3, &dice)
        case ..<75: return .stop(victim, killAfter: nil)
        case ..<82: return .stop(victim, killAfter: dice.milliseconds(0...60))
        case ..<100: return .freeze(victim, dice.milliseconds(50...1500), endsInKill: dice.chance(percent: 30))
        case ..<106: return .brokerOutage(dice.milliseconds(100...3000))
        default: return .brokerLoss(dice.milliseconds(0...1000))
        }
    }

    private func kill(_ count: Int, _ dice: inout Dice) -> Strike {
        let victims = Array(ServiceName.allCases.shuffled(using: &dice).prefix(count))
        return .kill(victims, restartAfter: victims.map { _ in dice.milliseconds(0...400) })
    }
}
