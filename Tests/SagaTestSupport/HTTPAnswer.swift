import Saga
package import Wire

/// An answer as it came over the wire.
package struct HTTPAnswer: Sendable {
    package let status: Int
    package let body: [UInt8]
    private let fields: [(name: String, value: String)]

    package subscript(field: String) -> String? {
        fields.first { $0.name == field.lowercased() }?.value
    }

    package var text: String { String(decoding: body, as: UTF8.self) }

    package var json: JSONValue {
        get throws { try JSONValue(parsing: body) }
    }

    /// The first answer in `bytes` and its length; nil while it is not complete.
    package static func parse(_ bytes: [UInt8], to method: String) -> (HTTPAnswer, length: Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        let fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (name: parts[0].lowercased(), value: parts.count == 2 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let hasBody = method != "HEAD" && status != 204 && status >= 200
        // The daemons know the length of everything they answer.
        let length = hasBody ? fields.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0 : 0
        guard bytes.count >= end.upperBound + length else { return nil }
        let body = Array(bytes[end.upperBound..<end.upperBound + length])
        return (HTTPAnswer(status: status, body: body, fields: fields), end.upperBound + length)
    }
}

extension JSONValue {
    package subscript(name: String) -> JSONValue? { object?[name] }

    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }
}
