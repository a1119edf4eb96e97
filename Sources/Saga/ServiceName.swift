/// A participant's name, as it stands in paths, units, configuration, logs and on the wire. Which there are is said by `Choreography`.
package struct ServiceName: RawRepresentable, Hashable, Codable, Sendable {
    package let rawValue: String

    /// nil for a name that has no row.
    package init?(rawValue: String) {
        guard let known = Choreography.services.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = known
    }

    init(declared name: String) {
        rawValue = name
    }

    /// The daemon that runs it.
    package var program: String { "saga-\(rawValue)d" }

    /// The topic this service publishes to. It is the only writer of it.
    package var topic: Topic { Choreography.row(of: self).topic }
}

extension ServiceName: CaseIterable {
    package static var allCases: [ServiceName] { Choreography.services }
}

extension ServiceName: Comparable {
    /// In the order of the rows.
    package static func < (a: ServiceName, b: ServiceName) -> Bool { a.number < b.number }

    /// Its row's place in the table.
    package var number: Int { Choreography.services.firstIndex(of: self)! }
}

extension ServiceName: CustomStringConvertible {
    package var description: String { rawValue }
}

/// An event stream with one writing service. Raw values are the default topic names in Kafka.
package struct Topic: Hashable, Sendable {
    package let rawValue: String
    package let owner: ServiceName
}

extension Topic: CaseIterable {
    package static var allCases: [Topic] { Choreography.rows.map(\.topic) }
}
