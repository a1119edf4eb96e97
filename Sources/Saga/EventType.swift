/// The name of an event type on the wire. Which there are, and who says and hears them, is said by `Choreography`.
package struct EventType: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    /// nil for a type that no row says.
    package init?(rawValue: String) {
        guard let known = Choreography.events[rawValue] else { return nil }
        self = known.event.type
    }

    init(declared name: String) {
        rawValue = name
    }

    package var topic: Topic { Choreography.events[rawValue]!.topic }
}

extension EventType: CaseIterable {
    package static var allCases: [EventType] { Choreography.rows.flatMap(\.says).map(\.type) }
}

extension EventType: CustomStringConvertible {
    package var description: String { rawValue }
}
