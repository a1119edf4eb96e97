/// What is wrong with a JSON text, in words for the one who wrote it.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// A name from outside in a message: shortened, without control characters.
    static func quoted(_ name: String) -> String {
        let shown = String(String.UnicodeScalarView(name.unicodeScalars.prefix(40).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }))
        return "\"\(shown)\(name.unicodeScalars.count > 40 ? "…" : "")\""
    }
}
