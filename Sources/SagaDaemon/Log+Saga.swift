package import Logging
package import Saga
package import SagaStore
package import Systemd
import Transport
import Wire

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
