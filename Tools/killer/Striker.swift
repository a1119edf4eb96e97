import Saga

/// Does what the schedule says.
struct Striker {
    let fleet: Fleet
    let broker: KillableBroker?
    /// Of the broker.
    private(set) var strikes: [String: Int] = [:]

    init(fleet: Fleet, broker: KillableBroker?) {
        self.fleet = fleet
        self.broker = broker
    }

    mutating func run(_ cycle: Schedule.Cycle) async throws {
        try await Task.sleep(for: cycle.pause)
        switch cycle.strike {
        case .kill(let victims, let pauses):
            try await fleet.kill(victims)
            try await withThrowingTaskGroup { [fleet] group in
                for (victim, pause) in zip(victims, pauses) {
                    group.addTask {
                        try await Task.sleep(for: pause)
                        try await fleet.launch(victim)
                    }
                }
                try await group.waitForAll()
            }
        case .stop(let victim, let limit):
            try await fleet.stop(victim, killAfter: limit)
            try await fleet.launch(victim)
        case .freeze(let victim, let duration, let endsInKill):
            await fleet.freeze(victim)
            try await Task.sleep(for: duration)
            if endsInKill {
                try await fleet.kill([victim])
                try await fleet.launch(victim)
            } else {
                await fleet.thaw(victim)
            }
        case .brokerOutage(let duration):
            strikes["broker outage", default: 0] += 1
            try await broker?.setReachable(false)
            try await Task.sleep(for: duration)
            try await broker?.setReachable(true)
        case .brokerLoss(let duration):
            strikes["broker SIGKILL", default: 0] += 1
            broker?.kill()
            try await Task.sleep(for: duration)
            try await broker?.start()
        }
        if cycle.isFollowedByRecovery { try await fleet.recovered() }
    }
}
