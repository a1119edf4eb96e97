/// Tells a real outage from a broker that closed an idle connection: a broker has to be out of reach for a second.
///
/// It is fed by the statistics (is any broker up?), by `_ALL_BROKERS_DOWN` and by deliveries, and asked at least once a second.
struct ConnectionMonitor {
    private enum State {
        case unknown, connected, disconnected
    }

    private static let grace: Duration = .milliseconds(900)

    private var state = State.unknown
    private var downSince: ContinuousClock.Instant?
    private var reason: String?
    /// How many the cluster has, as far as any has told.
    private var brokers = 0

    /// Whether the library should be urged to reconnect.
    var isDown: Bool { downSince != nil }

    mutating func knows(brokers: Int) {
        self.brokers = brokers
    }

    mutating func brokerIsUp() -> KafkaEvent? {
        reason = nil
        downSince = nil
        guard state != .connected else { return nil }
        state = .connected
        return .connected
    }

    mutating func noBrokerIsUp(reason: String? = nil, now: ContinuousClock.Instant = .now) {
        downSince = downSince ?? now
        if let reason { self.reason = reason }
    }

    /// Call at least once a second.
    mutating func outage(now: ContinuousClock.Instant = .now) -> KafkaEvent? {
        guard let downSince, state != .disconnected, downSince.duration(to: now) >= Self.grace else { return nil }
        state = .disconnected
        let extent = brokers > 0 ? "\(brokers)/\(brokers) brokers are down" : "none of the named brokers can be reached"
        return .disconnected(reason: reason ?? extent)
    }
}
