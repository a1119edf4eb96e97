package import Wire

/// The fields of a log record, in order: `["order_id": id, "event_type": type]`.
///
/// One rule for names everywhere: lower case with underscores, without a prefix. `order_id` becomes `order_id=…` on standard error
/// and `<PREFIX>ORDER_ID=…` in the journal. Names that are literals cost no allocation, and ids become text only where they are written.
package struct LogFields: Sendable, ExpressibleByDictionaryLiteral {
    private(set) var elements: [(String, LogValue)]

    package init() {
        elements = []
    }

    package init(capacity: Int) {
        elements = []
        elements.reserveCapacity(capacity)
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        self.elements = elements.map { ($0, .text($1)) }
    }

    /// Appends the field; nothing is replaced, for the journal allows a field to occur more than once.
    package mutating func append(_ name: String, _ value: String) {
        elements.append((name, .text(value)))
    }

    /// Appends an id, of which the log writer makes text.
    package mutating func append<Entity>(_ name: String, _ id: ID<Entity>) {
        elements.append((name, .uuid(id.bits)))
    }

    /// Appends sixteen bytes, of which the log writer makes 32 hexadecimal digits.
    package mutating func append(_ name: String, hexadecimal bits: UInt128) {
        elements.append((name, .hexadecimal(bits)))
    }

    /// Appends the field if there is a value.
    package mutating func append(_ name: String, _ value: String?) {
        if let value { append(name, value) }
    }
}
