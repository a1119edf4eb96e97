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
            event(envelope, .info, transition: transition, emissions)
        case .duplicate(let envelope, let emissions):
            event(envelope, .info, handled.outcome, emissions)
        case .ignored(let envelope):
            // An approval for which no stock is held: the contract asks for a warning.
            event(envelope, envelope.event.type == .orderApproved ? .warning : .info, handled.outcome)
        case .deadLettered(let envelope?, let cause):
            let isParked = cause.kind == .parked
            event(
                envelope, isParked ? .warning : .error, handled.outcome, reason: cause.reason,
                messageID: isParked ? nil : MessageID.deadLetter)
        case .deadLettered(nil, let cause):
            record(
                .error, "dead letter \(cause.place): \(cause.reason)",
                fields: ["outcome": handled.outcome.rawValue, "record": cause.place], messageID: MessageID.deadLetter)
        }
    }

    private func event(
        _ envelope: EventEnvelope, _ level: Logger.Level, _ outcome: HandledEvent.Outcome? = nil, transition: Transition? = nil,
        _ emissions: [Emission] = [], reason: String? = nil, messageID: String? = nil
    ) {
        record(
            level, summary(envelope.event.type.rawValue, outcome, transition, emissions, reason),
            fields: {
                var fields = LogFields(capacity: 6 + 2 * emissions.count)
                fields.append("order_id", envelope.event.orderID)
                fields.append("event_id", envelope.id)
                fields.append("event_type", envelope.event.type.rawValue)
                fields.append("trace_id", hexadecimal: envelope.trace.traceID)
                if let causation = envelope.causation { fields.append("causation_id", causation) }
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
            level, summary(what, nil, handled.transition, handled.emissions, nil),
            fields: {
                var fields = LogFields(capacity: 3 + 2 * handled.emissions.count)
                fields.append("order_id", order)
                fields.append("trace_id", hexadecimal: trace.traceID)
                fields.append("transition", handled.transition?.description)
                fields.append(handled.emissions)
                return fields
            }(), messageID: messageID)
    }

    /// `PAYMENT_RESERVED: PENDING→APPROVED, emits ORDER_APPROVED`
    private func summary(
        _ what: String, _ outcome: HandledEvent.Outcome?, _ transition: Transition?, _ emissions: [Emission], _ reason: String?
    ) -> String {
        var text = ""
        text.reserveCapacity(96)
        text += what
        if let outcome { text += " (\(outcome.rawValue))" }
        if let reason { text += ": \(reason)" }
        if let transition {
            text += ": "
            if let from = transition.from { text += from }
            text += "→"
            text += transition.to
        }
        for (index, emission) in emissions.enumerated() {
            text += index > 0 ? ", " : transition == nil ? ": emits " : ", emits "
            text += emission.event.type.rawValue
        }
        return text
    }
}

extension LogFields {
    fileprivate mutating func append(_ emissions: [Emission]) {
        for emission in emissions {
            append("emitted_type", emission.event.type.rawValue)
            append("emitted_id", emission.id)
        }
    }
}
