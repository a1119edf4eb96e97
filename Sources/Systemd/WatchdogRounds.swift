/// Decides when a sign of life may be sent. A plain value: time and probes are outside.
///
/// Each tick begins a round; a round is complete, and worth one ping, once every vital has answered well in it. A vital that has not
/// answered by the next tick has stalled: it is not asked again while the question is open, but its late answer counts, for it
/// is progress.
struct WatchdogRounds {
    enum Action: Equatable {
        case probe(Int)
        case ping
        case reportStall(Int)
        case reportRecovery(Int)
    }

    private struct Vital {
        var isAsked = false
        var isWellThisRound = false
        var isStalled = false
    }

    private var vitals: [Vital]
    private var isPinged = false

    init(vitalCount: Int) {
        vitals = Array(repeating: Vital(), count: vitalCount)
    }

    mutating func tick() -> [Action] {
        var actions: [Action] = []
        isPinged = false
        for index in vitals.indices {
            vitals[index].isWellThisRound = false
            if vitals[index].isAsked {
                actions += reportStall(of: index)
            } else {
                vitals[index].isAsked = true
                actions.append(.probe(index))
            }
        }
        return actions + pingIfComplete()
    }

    mutating func answered(_ index: Int, isWell: Bool) -> [Action] {
        vitals[index].isAsked = false
        guard isWell else { return reportStall(of: index) }
        vitals[index].isWellThisRound = true
        let recovery: [Action] = vitals[index].isStalled ? [.reportRecovery(index)] : []
        vitals[index].isStalled = false
        return recovery + pingIfComplete()
    }

    private mutating func reportStall(of index: Int) -> [Action] {
        if vitals[index].isStalled { return [] }
        vitals[index].isStalled = true
        return [.reportStall(index)]
    }

    private mutating func pingIfComplete() -> [Action] {
        guard !isPinged, vitals.allSatisfy(\.isWellThisRound) else { return [] }
        isPinged = true
        return [.ping]
    }
}
