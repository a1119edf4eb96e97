internal import Logging
internal import Wire

/// A record as exactly one line of text: `2026-01-31T12:00:00.123Z info Order approved order_id=… event_type=…`.
///
/// Values that hold spaces, quotes, `=` or control characters are written as JSON strings. Control characters and backslashes in the
/// message are escaped in the same way, so no record can pass for two, or move a terminal's cursor.
enum LogLine {
    static func append(_ record: LogRecord, identity: LogIdentity, to line: inout [UInt8]) {
        record.timestamp.append(to: &line)
        line.append(space)
        line.append(contentsOf: record.level.rawValue.utf8)
        line.append(space)
        appendEscaped(record.message, quotes: false, to: &line)
        for (name, value) in identity.fields.elements { appendField(name, value, to: &line) }
        for (name, value) in record.fields.elements { appendField(name, value, to: &line) }
        line.append(UInt8(ascii: "\n"))
    }

    private static func appendField(_ name: String, _ value: LogValue, to line: inout [UInt8]) {
        line.append(space)
        LogFieldName.appendKey(name, to: &line)
        line.append(UInt8(ascii: "="))
        if case .text(let text) = value, text.isEmpty || !isPlain(text) && text.unicodeScalars.contains(where: needsQuotes) {
            line.append(quote)
            appendEscaped(text, quotes: true, to: &line)
            line.append(quote)
        } else {
            value.append(to: &line)
        }
    }

    /// Nearly every text is: the words, ids and numbers of which nothing has to be looked up.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != quote && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\\") }
    }

    private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\"" || scalar == "=" || isControl(scalar)
    }

    /// C0, DEL, C1, the two separators that some readers take for line breaks, and what is not to be seen or reorders the line.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        case 0..<0xA0: false
        default: scalar.properties.generalCategory == .format
        }
    }

    /// The escapes of JSON (RFC 8259, section 7).
    private static func appendEscaped(_ text: String, quotes: Bool, to line: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case _ where scalar.value >= 0x20 && scalar.value < 0x7F && scalar != "\\" && scalar != "\"": line.append(UInt8(scalar.value))
            case "\\": line.append(contentsOf: #"\\"#.utf8)
            case "\"" where quotes: line.append(contentsOf: #"\""#.utf8)
            case "\n": line.append(contentsOf: #"\n"#.utf8)
            case "\r": line.append(contentsOf: #"\r"#.utf8)
            case "\t": line.append(contentsOf: #"\t"#.utf8)
            case _ where isControl(scalar):
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    line.append(contentsOf: #"\u"#.utf8)
                    line.append(contentsOf: repeatElement(zero, count: 4 - hex.utf8.count))
                    line.append(contentsOf: hex.utf8)
                }
            default: line.append(contentsOf: UTF8.encode(scalar)!)
            }
        }
    }

    private static let space = UInt8(ascii: " ")
    private static let quote = UInt8(ascii: "\"")
    private static let zero = UInt8(ascii: "0")
}
