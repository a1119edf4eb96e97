/// How one kind of value is written: what is accepted, what is said when it is not, and how it is shown.
struct Format<Value>: Sendable {
    /// One value being read; collects what is wrong with it and its parts.
    struct Reading {
        let path: [String]
        var findings: [YAMLDocument.Finding] = []

        mutating func report(_ message: String, line: Int, at names: String...) {
            findings.append(YAMLDocument.Finding(line: line, path: path + names, message: message))
        }
    }

    let isScalar: Bool
    let read: @Sendable (YAMLNode, inout Reading) -> Value?
    let render: @Sendable (_ value: Value, _ hidingSecrets: Bool) -> ConfigurationTree

    /// A map or list.
    init(
        read: @escaping @Sendable (YAMLNode, inout Reading) -> Value?,
        render: @escaping @Sendable (_ value: Value, _ hidingSecrets: Bool) -> ConfigurationTree
    ) {
        isScalar = false
        self.read = read
        self.render = render
    }

    /// A single scalar; `wanted` says what it is, for someone who wrote something else altogether, and `hide` leaves out what is secret.
    init(
        _ wanted: String,
        read: @escaping @Sendable (YAMLScalar) throws(Invalid) -> Value,
        render: @escaping @Sendable (Value) -> ConfigurationTree,
        hide: @escaping @Sendable (Value) -> Value = { $0 }
    ) {
        isScalar = true
        self.read = { node, reading in
            guard case .scalar(let scalar) = node.content else {
                if case .refused = node.content { return nil }
                reading.report("must be \(wanted), not \(node.kind)", line: node.line)
                return nil
            }
            do throws(Invalid) {
                if scalar.kind == .null { throw Invalid("has no value; it must be \(wanted)") }
                return try read(scalar)
            } catch {
                reading.report(error.message, line: node.line)
                return nil
            }
        }
        self.render = { value, hidingSecrets in render(hidingSecrets ? hide(value) : value) }
    }
}

/// Why a scalar is not a value: the rest of a sentence that begins with the key.
package struct Invalid: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

extension YAMLScalar {
    /// The text of a string; in YAML a plain number or boolean is none.
    func string() throws(Invalid) -> String {
        guard kind == .string else {
            throw Invalid("\(text.shownPlain) is \(kind.name), not a string; put it in quotes")
        }
        return text
    }

    func integer(_ range: ClosedRange<Int64>) throws(Invalid) -> Int64 {
        let limits = "\(range.lowerBound) to \(range.upperBound)"
        if style == .quoted {
            throw Invalid("\(text.shown) is a string, not an integer (\(limits)); leave out the quotes")
        }
        guard let value = DecimalInteger(text) else {
            let resembles = text.unicodeScalars.first.map { "0"..."9" ~= $0 || $0 == "+" || $0 == "-" || $0 == "." } ?? false
            guard resembles else { throw Invalid("\(text.shown) is not an integer (\(limits))") }
            throw Invalid("\(text.shownPlain) is not an integer in plain decimal (\(limits))")
        }
        guard let number = value.number, range.contains(number) else {
            throw Invalid("\(text.shownPlain) is out of range (\(limits))")
        }
        return number
    }
}

/// An integer in the one notation that means the same to everybody: digits without leading zeros, perhaps a minus sign.
package struct DecimalInteger {
    /// Nothing if it is too large for the type.
    package let number: Int64?

    package init?(_ text: String) {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard let first = digits.first, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        if first == UInt8(ascii: "0"), text != "0" { return nil }
        number = Int64(text)
    }
}
