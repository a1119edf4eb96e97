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
    private var reason = "no broker has answered yet"

    /// Whether the library should be urged to reconnect.
    var isDown: Bool { downSince != nil }

    mutating func brokerIsUp() -> KafkaEvent? {
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
        return .disconnected(reason: reason)
    }
}
