/// One node of a YAML document, with the line it begins on (counted from 1).
struct YAMLNode: Sendable {
    enum Content: Sendable {
        case scalar(YAMLScalar)
        case list([YAMLNode])
        case map([Entry])
        /// An alias: already reported, so that nobody needs to complain about its type.
        case refused
    }

    struct Entry: Sendable {
        let key: String
        let line: Int
        let value: YAMLNode
    }

    let content: Content
    let line: Int

    /// What a person would call it, with its article.
    var kind: String {
        switch content {
        case .scalar(let scalar): scalar.kind.name
        case .list: "a list"
        case .map: "a map"
        case .refused: "an alias"
        }
    }

    var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.kind == .null } else { false }
    }
}

/// A scalar as it was written, typed by the core schema of YAML 1.2 (section 10.3.2): only plain scalars can be anything but strings.
struct YAMLScalar: Sendable {
    enum Style: Sendable {
        case plain
        case quoted
        /// Text of an environment variable, which has no way to say its type: it is what the key wants.
        case untyped
    }

    enum Kind: Sendable {
        case null, boolean, integer, float, string

        var name: String {
            switch self {
            case .null: "empty"
            case .boolean: "a boolean"
            case .integer: "an integer"
            case .float: "a number"
            case .string: "a string"
            }
        }
    }

    let text: String
    let style: Style
    let kind: Kind

    init(_ text: String, style: Style) {
        self.text = text
        self.style = style
        self.kind = style == .plain ? Self.resolve(text) : .string
    }

    private static func resolve(_ text: String) -> Kind {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "false", "False", "FALSE": return .boolean
        default: break
        }
        let unsigned = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        if isNumeral(unsigned, "0"..."9") || isNumeral(text, "0"..."9", after: "0x", orIn: "a"..."f", "A"..."F")
            || isNumeral(text, "0"..."7", after: "0o")
        {
            return .integer
        }
        // The alphabet keeps out the hexadecimal floats, infinities and NaNs that Double would read.
        let isFloat = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } && Double(text) != nil
        return isFloat ? .float : .string
    }

    private static func isNumeral(
        _ text: some StringProtocol, _ digits: ClosedRange<Unicode.Scalar>, after prefix: String = "",
        orIn more: ClosedRange<Unicode.Scalar>...
    ) -> Bool {
        guard text.hasPrefix(prefix) else { return false }
        let rest = text.unicodeScalars.dropFirst(prefix.unicodeScalars.count)
        return !rest.isEmpty && rest.allSatisfy { scalar in digits.contains(scalar) || more.contains { $0.contains(scalar) } }
    }
}
