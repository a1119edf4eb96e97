/// A secret, which nothing prints: neither a description of what it is a part of, nor `dump`.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// For whom it is meant.
    package let value: String

    package init(_ value: String) {
        self.value = value
    }

    package var description: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
