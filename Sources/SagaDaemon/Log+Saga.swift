package import Logging
package import Saga
package import SagaStore
package import Systemd
import Transport
import Wire

extension Log {
    /// One record for one event: what was received, what was decided, what is published.
    package func handled(_ handled: HandledEvent) {
        switch handled {
        case .applied(let envelope, let transition, let emissions):
            event(envelope, .info, summary(nil, transition, emissions, nil), transition, emissions)
        case .duplicate(let envelope, let emissions):
            event(envelope, .info, summary(handled.outcome, nil, emissions, nil), nil, emissions)
        case .ignored(let envelope):
            // An approval for which no stock is held: the contract asks for a warning.
            event(envelope, envelope.event.type == .orderApproved ? .warning : .info, summary(handled.outcome, nil, [], nil))
        case .deadLettered(let envelope?, let cause):
            let isParked = cause.kind == .parked
            event(
                envelope, isParked ? .warning : .error, summary(handled.outcome, nil, [], cause.reason),
                messageID: isParked ? nil : MessageID.deadLetter)
        case .deadLettered(nil, let cause):
            record(
                .error, "dead letter \(cause.place): \(cause.reason)",
                fields: ["outcome": handled.outcome.rawValue, "record": cause.place], messageID: MessageID.deadLetter)
        }
    }

    private func event(
        _ envelope: EventEnvelope, _ level: Logger.Level, _ summary: String, _ transition: Transition? = nil, _ emissions: [Emission] = [],
        messageID: String? = nil
    ) {
        record(
            level, envelope.event.type.rawValue + summary,
            fields: {
                var fields: LogFields = [
                    "order_id": envelope.event.orderID.description, "event_id": envelope.id.description,
                    "event_type": envelope.event.type.rawValue, "trace_id": envelope.trace.traceIDText,
                ]
                fields.append("causation_id", envelope.causation?.description)
                fields.append("transition", transition?.description)
                fields.append(emissions)
                return fields
            }(), messageID: messageID)
    }

    /// One record for what a client or a deadline, not an event, made this service decide.
    package func decided(
        _ what: String, order: OrderID, _ trace: TraceContext, _ handled: Handled, level: Logger.Level = .info, messageID: String? = nil
    ) {
        record(
            level, what + summary(nil, handled.transition, handled.emissions, nil),
            fields: {
                var fields: LogFields = ["order_id": order.description, "trace_id": trace.traceIDText]
                fields.append("transition", handled.transition?.description)
                fields.append(handled.emissions)
                return fields
            }(), messageID: messageID)
    }

    /// ` (duplicate): PENDING→APPROVED, emits ORDER_APPROVED`
    private func summary(
        _ outcome: HandledEvent.Outcome?, _ transition: Transition?, _ emissions: [Emission], _ reason: String?
    ) -> String {
        var text = outcome.map { " (\($0.rawValue))" } ?? ""
        if let reason { text += ": \(reason)" }
        if let transition { text += ": \(transition)" }
        if !emissions.isEmpty {
            text += "\(transition == nil ? ":" : ",") emits \(emissions.map(\.event.type.rawValue).joined(separator: ", "))"
        }
        return text
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
