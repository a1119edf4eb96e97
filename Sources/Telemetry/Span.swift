package import Wire

/// One piece of work in a trace, as OpenTelemetry has it.
package struct Span: Sendable {
    /// With the numbers of the protocol.
    package enum Kind: Int64, Sendable {
        case `internal` = 1
        case server, client, producer, consumer
    }

    package enum Value: Sendable {
        case string(String)
        case integer(Int64)
    }

    package var traceID: UInt128
    package var id: UInt64
    /// nil: it is the root.
    package var parent: UInt64?
    package var kind: Kind
    package var name: String
    package var start: Timestamp
    package var end: Timestamp
    package var attributes: [(name: StaticString, value: Value)]
    /// What went wrong; nil: nothing.
    package var error: String?

    package init(
        traceID: UInt128, id: UInt64 = Span.newID(), parent: UInt64?, kind: Kind, name: String, start: Timestamp, end: Timestamp,
        attributes: [(name: StaticString, value: Value)] = [], error: String? = nil
    ) {
        self.traceID = traceID
        self.id = id
        self.parent = parent
        self.kind = kind
        self.name = name
        self.start = start
        // A clock may be set back meanwhile.
        self.end = max(start, end)
        self.attributes = attributes
        self.error = error
    }

    package static func newID() -> UInt64 { .random(in: 1 ... .max) }
}
