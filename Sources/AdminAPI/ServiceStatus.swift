package import struct Saga.ServiceName

/// The answer of `GET /status`, and one element of what `sagactl status --json` prints.
///
/// A daemon that does not answer is `down` and has nothing but its name, and what can be found out from outside.
package struct ServiceStatus: Codable, Hashable, Sendable {
    /// From best to worst.
    package enum State: String, Codable, CaseIterable, Sendable, Comparable {
        case ready, degraded, stopping, down

        package static func < (left: Self, right: Self) -> Bool { left.severity < right.severity }

        private var severity: Int {
            switch self {
            case .ready: 0
            case .degraded: 1
            case .stopping: 2
            case .down: 3
            }
        }
    }

    package struct Transport: Codable, Hashable, Sendable {
        package let kind: String
        package let connected: Bool

        package init(kind: String, connected: Bool) {
            self.kind = kind
            self.connected = connected
        }
    }

    /// Events that are committed but not yet published; `oldestSeconds` is absent when there are none.
    package struct Outbox: Codable, Hashable, Sendable {
        package let pending: Int
        package let oldestSeconds: Int?
        /// Events that an operator wants published again and that are not among those yet; absent where there are none.
        package let republishing: Int?

        package init(pending: Int, oldestSeconds: Int? = nil, republishing: Int? = nil) {
            self.pending = pending
            self.oldestSeconds = oldestSeconds
            self.republishing = republishing
        }
    }

    package let service: ServiceName
    package let state: State
    package let version: String?
    package let pid: Int32?
    package let uptimeSeconds: Int?
    package let transport: Transport?
    package let outbox: Outbox?
    /// The number of events of the peers not yet applied.
    package let lag: Int?
    package let deadLetters: Int?
    /// How many orders there are of each status; only at the order service.
    package let orders: [String: Int]?
    /// Why it is not `ready`, in words.
    package let reasons: [String]?
    /// Of a daemon that is down: what systemd knows of its unit, where it can be asked.
    package let unit: UnitState?
    /// Of a daemon that is down: what to do.
    package let advice: String?

    package init(
        service: ServiceName, state: State, version: String? = nil, pid: Int32? = nil, uptimeSeconds: Int? = nil,
        transport: Transport? = nil, outbox: Outbox? = nil, lag: Int? = nil, deadLetters: Int? = nil, orders: [String: Int]? = nil,
        reasons: [String]? = nil, unit: UnitState? = nil, advice: String? = nil
    ) {
        self.service = service
        self.state = state
        self.version = version
        self.pid = pid
        self.uptimeSeconds = uptimeSeconds
        self.transport = transport
        self.outbox = outbox
        self.lag = lag
        self.deadLetters = deadLetters
        self.orders = orders
        self.reasons = reasons
        self.unit = unit
        self.advice = advice
    }

    package static func down(_ service: ServiceName, unit: UnitState? = nil, advice: String? = nil) -> Self {
        Self(service: service, state: .down, unit: unit, advice: advice)
    }
}
