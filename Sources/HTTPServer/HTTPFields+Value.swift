package import HTTPTypes

extension HTTPFields {
    /// What the subscript says, for fields that most messages do not have: it puts a value together from however many fields of the name
    /// there are, which takes its time even where there is none.
    package func value(of name: HTTPField.Name) -> String? { contains(name) ? self[name] : nil }

    /// Whether the connection ends with this message.
    var asksForClose: Bool { value(of: .connection)?.lowercased() == "close" }
}
