package import Store
package import Wire

/// What a participant holds of an order, with when it came to be and when it last changed. Databases of 0.1.0 did not keep that of what
/// they hold.
package struct Dated<State> {
    package let state: State
    package let createdAt: Timestamp?
    package let updatedAt: Timestamp?

    /// - Parameter column: of the time of creation; that of the last change is behind it.
    package init(_ state: State, _ row: Row, times column: Int32) throws {
        self.state = state
        createdAt = try row.optional(column) { try $0.timestamp($1) }
        updatedAt = try row.optional(column + 1) { try $0.timestamp($1) }
    }
}

extension Dated: Sendable where State: Sendable {}

extension Dated: JSONWritable where State: JSONWritable {
    package func write(to text: inout JSONText) {
        state.write(to: &text)
        if let createdAt { text.member("createdAt", createdAt.description) }
        if let updatedAt { text.member("updatedAt", updatedAt.description) }
    }
}
