/// The fields of a log record, in order: `["order_id": id, "event_type": type]`.
///
/// One rule for names everywhere: lower case with underscores, without a prefix. `order_id` becomes `order_id=…` on standard error
/// and `<PREFIX>ORDER_ID=…` in the journal. Making a value costs one allocation, and none for the names when they are literals.
package struct LogFields: Sendable, ExpressibleByDictionaryLiteral {
    package private(set) var elements: [(String, String)]

    package init() {
        elements = []
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        self.elements = elements
    }

    /// Appends the field; nothing is replaced, for the journal allows a field to occur more than once.
    package mutating func append(_ name: String, _ value: String) {
        elements.append((name, value))
    }

    /// Appends the field if there is a value.
    package mutating func append(_ name: String, _ value: String?) {
        if let value { elements.append((name, value)) }
    }
}
