package import struct Saga.ServiceName
import Wire

/// What one daemon did for one order: the answer of `GET /trace/{orderId}`, 404 if it never heard of it.
///
/// `steps` are in the order in which the daemon did them, which survives a clock that was set back.
package struct DaemonTrace: Codable, Hashable, Sendable {
    package let service: ServiceName
    package let orderId: String
    /// The status this daemon holds: of the order, the reservation or the payment.
    package let status: String?
    /// Whose answers it still waits for, by service name.
    package let waitingFor: [String]?
    /// The dead letter behind which this daemon keeps what comes of the order.
    package let heldBy: String?
    package let steps: [TraceStep]

    package init(
        service: ServiceName, orderId: String, status: String? = nil, waitingFor: [String]? = nil, heldBy: String? = nil, steps: [TraceStep]
    ) {
        self.service = service
        self.orderId = orderId
        self.status = status
        self.waitingFor = waitingFor
        self.heldBy = heldBy
        self.steps = steps
    }
}

/// One thing a daemon did for an order.
package struct TraceStep: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable { case received, emitted, transition }

    package enum Outcome: String, Codable, Sendable {
        case applied, duplicate, ignored
        case deadLettered = "dead-lettered"
    }

    /// RFC 3339, for people and for tools.
    package let time: String
    /// The same moment in microseconds since 1970: a saga on one host takes a few milliseconds, too few to sort and subtract by.
    package let timeMicros: Int64
    package let service: ServiceName
    package let kind: Kind
    package let eventType: String?
    package let eventId: String?
    package let causationId: String?
    package let from: String?
    package let to: String?
    package let outcome: Outcome?
    package let reason: String?
    package let durationMs: Double?

    package init(
        timeMicros: Int64, service: ServiceName, kind: Kind, eventType: String? = nil, eventId: String? = nil, causationId: String? = nil,
        from: String? = nil, to: String? = nil, outcome: Outcome? = nil, reason: String? = nil, durationMs: Double? = nil
    ) {
        self.time = RFC3339.format(microseconds: timeMicros)
        self.timeMicros = timeMicros
        self.service = service
        self.kind = kind
        self.eventType = eventType
        self.eventId = eventId
        self.causationId = causationId
        self.from = from
        self.to = to
        self.outcome = outcome
        self.reason = reason
        self.durationMs = durationMs
    }
}
