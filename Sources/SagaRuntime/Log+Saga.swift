package import Logging
package import Saga
package import SagaStore
package import Systemd
import Wire

/// The messages of the journal's catalog, by their `MESSAGE_ID`; `systemd/sagad.catalog` explains each to an operator.
package enum MessageID {
    package static let started = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e01"
    package static let degraded = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e02"
    package static let recovered = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e03"
    package static let orderDeadlineExceeded = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e04"
    package static let deadLetter = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e05"
    package static let republished = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e06"
    package static let databaseFailed = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e07"
    package static let reloadFailed = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e08"
    package static let anotherInstance = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e41"
    package static let eventsMissing = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e09"
    package static let stockSet = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e0a"
    package static let configurationInvalid = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e31"
    package static let directoryUnusable = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e32"
    package static let addressUnavailable = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e33"
    package static let diskAlmostFull = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e34"
    package static let constraintViolated = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e35"
}

extension Log {
    /// One record for one event: what was received, what was decided, what is told to the others.
    package func handled(_ handled: HandledEvent) {
        guard let envelope = handled.envelope else {
            record(
                .error, "dead letter \(handled.place ?? ""): \(handled.reason ?? "unknown")",
                fields: ["outcome": handled.outcome.rawValue, "record": handled.place ?? ""], messageID: MessageID.deadLetter)
            return
        }
        let isDeadLetter = handled.outcome == .deadLettered && handled.kind != .parked
        record(
            isDeadLetter ? .error : handled.kind == .parked ? .warning : handled.isUnexpected ? .warning : .info,
            envelope.event.type.rawValue
                + summary(
                    handled.outcome == .applied ? nil : handled.outcome.rawValue, handled.transition, handled.emissions, handled.reason),
            fields: {
                var fields: LogFields = [
                    "order_id": envelope.event.orderID.description, "event_id": envelope.id.description,
                    "event_type": envelope.event.type.rawValue, "trace_id": envelope.trace.traceIDText,
                ]
                fields.append("causation_id", envelope.causation?.description)
                fields.append("transition", handled.transition?.description)
                fields.append(handled.emissions)
                return fields
            }(), messageID: isDeadLetter ? MessageID.deadLetter : nil)
    }

    /// One record for what a client or a deadline, not an event, made this service decide.
    package func decided(
        _ what: String, order: OrderID, _ handled: Handled, level: Logger.Level = .info, messageID: String? = nil
    ) {
        record(
            level, what + summary(nil, handled.transition, handled.emissions, nil),
            fields: {
                var fields: LogFields = ["order_id": order.description, "trace_id": TraceContext(order: order).traceIDText]
                fields.append("transition", handled.transition?.description)
                fields.append(handled.emissions)
                return fields
            }(), messageID: messageID)
    }

    /// ` (duplicate): PENDING→APPROVED, tells ORDER_APPROVED`
    private func summary(_ outcome: String?, _ transition: Transition?, _ emissions: [Emission], _ reason: String?) -> String {
        var text = outcome.map { " (\($0))" } ?? ""
        if let reason { text += ": \(reason)" }
        if let transition { text += ": \(transition)" }
        if !emissions.isEmpty {
            text += "\(transition == nil ? ":" : ",") tells \(emissions.map(\.event.type.rawValue).joined(separator: ", "))"
        }
        return text
    }
}

extension HandledEvent {
    /// An approval for which no stock is held: the contract asks for a warning.
    fileprivate var isUnexpected: Bool {
        outcome == .ignored && envelope?.event.type == .orderApproved
    }
}

extension LogFields {
    fileprivate mutating func append(_ emissions: [Emission]) {
        for emission in emissions {
            append("emitted_type", emission.event.type.rawValue)
            append("emitted_id", emission.id.description)
        }
    }
}
