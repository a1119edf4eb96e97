package import Saga

/// What became of an event, for the log, the metrics and the one who retries a dead letter.
package enum HandledEvent: Sendable, Equatable {
    case applied(EventEnvelope, Transition?, [Emission])
    /// It was received before, or asks for what was answered before: the first answer is published again.
    case duplicate(EventEnvelope, [Emission])
    case ignored(EventEnvelope)
    /// There is no envelope where the record was not an event.
    case deadLettered(EventEnvelope?, DeadLetterCause)

    /// As it stands in the inbox and in the metrics.
    package enum Outcome: String, Sendable {
        case applied, duplicate, ignored
        case deadLettered = "dead-lettered"
    }

    package var outcome: Outcome {
        switch self {
        case .applied: .applied
        case .duplicate: .duplicate
        case .ignored: .ignored
        case .deadLettered: .deadLettered
        }
    }

    package var envelope: EventEnvelope? {
        switch self {
        case .applied(let envelope, _, _), .duplicate(let envelope, _), .ignored(let envelope): envelope
        case .deadLettered(let envelope, _): envelope
        }
    }

    package var transition: Transition? {
        if case .applied(_, let transition, _) = self { transition } else { nil }
    }

    package var emissions: [Emission] {
        switch self {
        case .applied(_, _, let emissions), .duplicate(_, let emissions): emissions
        case .ignored, .deadLettered: []
        }
    }

    package var cause: DeadLetterCause? {
        if case .deadLettered(_, let cause) = self { cause } else { nil }
    }
}

/// Why a record has become a dead letter.
package struct DeadLetterCause: Sendable, Equatable {
    package var kind: DeadLetterKind
    package var reason: String
    /// Topic, partition and offset.
    package var place: String
}
