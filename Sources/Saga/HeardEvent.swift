import Wire

/// What a participant hears, in its own terms: an enum with one case for each event type that its row lists.
///
/// Its `switch` is exhaustive, so the compiler finds what a participant does not answer yet; `Choreography.problems` holds the enum
/// against the row.
package protocol HeardEvent: Sendable {
    /// nil for an event that does not concern this participant.
    init?(_ event: SagaEvent)
}

extension Choreography {
    /// Where what a participant hears is not what its row says; empty where they agree.
    package static func problems<Heard: HeardEvent>(of service: ServiceName, hearing _: Heard.Type) -> [String] {
        rows.flatMap(\.says).flatMap { event in
            let isDeclared = reacts(service, to: event.type)
            return event.samples.compactMap { sample -> String? in
                guard (Heard(sample) != nil) != isDeclared else { return nil }
                return isDeclared
                    ? "\(service) does not hear \(event.type), as its row says"
                    : "\(service) hears \(event.type), which its row does not say"
            }.prefix(1)
        }
    }
}

extension Choreography.Event {
    /// An event of this type with each reason it can have.
    package var samples: [SagaEvent] {
        var samples: [[SagaEvent.Member]] = [[]]
        for member in members {
            samples = samples.flatMap { sample -> [[SagaEvent.Member]] in
                switch member.kind {
                case .id: [sample + [.id(member.name, ID<Never>(bits: 1))]]
                case .number, .user: [sample + [.number(member.name, 1)]]
                case .reason(let known): known.map { sample + [SagaEvent.Member(name: member.name, value: .reason($0))] }
                }
            }
        }
        return samples.map { SagaEvent(type, of: OrderID(bits: 1), $0) }
    }
}
