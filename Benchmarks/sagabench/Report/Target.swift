/// What a figure should be, for whoever works on it: a report says so beside what it is. Not met is no failure of the run.
enum Target {
    case atLeast(Double)
    case atMost(Double)

    var bound: Double {
        switch self {
        case .atLeast(let bound), .atMost(let bound): bound
        }
    }

    func isMet(by value: Double) -> Bool {
        switch self {
        case .atLeast(let bound): value >= bound
        case .atMost(let bound): value <= bound
        }
    }

    var text: String {
        switch self {
        case .atLeast(let bound): "≥ \(bound.shortText)"
        case .atMost(let bound): "≤ \(bound.shortText)"
        }
    }
}

/// The targets of `sagabench peers`.
struct PeerTarget {
    let timesThePeer: Target
    let cpuMicroseconds: Target
    let shareOfFloor: Target

    static func of(_ transport: TransportChoice) -> PeerTarget {
        switch transport {
        case .direct: PeerTarget(timesThePeer: .atLeast(4.5), cpuMicroseconds: .atMost(115), shareOfFloor: .atLeast(75))
        case .kafka: PeerTarget(timesThePeer: .atLeast(3.2), cpuMicroseconds: .atMost(190), shareOfFloor: .atLeast(50))
        }
    }
}

extension Double {
    /// Without a fraction where there is none.
    var shortText: String { self == rounded() ? text(0) : text(1) }
}
