internal import Logging

/// A record as exactly one line of text: `2026-01-31T12:00:00.123Z info Order approved order_id=… event_type=…`.
///
/// Values that hold spaces, quotes, `=` or control characters are written as JSON strings. Control characters and backslashes in the
/// message are escaped in the same way, so no record can pass for two, or move a terminal's cursor.
enum LogLine {
    static func append(_ record: LogRecord, identity: LogIdentity, to line: inout [UInt8]) {
        appendTime(record.timestamp, to: &line)
        line.append(space)
        line.append(contentsOf: record.level.rawValue.utf8)
        line.append(space)
        appendEscaped(record.message, quotes: false, to: &line)
        for (name, value) in identity.fields.elements { appendField(name, value, to: &line) }
        for (name, value) in record.fields.elements { appendField(name, value, to: &line) }
        line.append(UInt8(ascii: "\n"))
    }

    private static func appendField(_ name: String, _ value: String, to line: inout [UInt8]) {
        line.append(space)
        LogFieldName.appendKey(name, to: &line)
        line.append(UInt8(ascii: "="))
        if value.isEmpty || value.unicodeScalars.contains(where: needsQuotes) {
            line.append(quote)
            appendEscaped(value, quotes: true, to: &line)
            line.append(quote)
        } else {
            line.append(contentsOf: value.utf8)
        }
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

extension LogLine {
    /// RFC 3339, UTC, with milliseconds. Calendar arithmetic in whole days of 400-year cycles that begin in March, so that the leap day
    /// comes last.
    private static func appendTime(_ timestamp: LogTimestamp, to line: inout [UInt8]) {
        let (days, millisecond) = floorDivide(timestamp.milliseconds, by: 86_400_000)
        let (cycle, dayOfCycle) = floorDivide(days + 719_468, by: 146_097)
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)

        appendNumber(year, digits: 4, to: &line)
        line.append(UInt8(ascii: "-"))
        appendNumber(month, digits: 2, to: &line)
        line.append(UInt8(ascii: "-"))
        appendNumber(day, digits: 2, to: &line)
        line.append(UInt8(ascii: "T"))
        appendNumber(millisecond / 3_600_000, digits: 2, to: &line)
        line.append(UInt8(ascii: ":"))
        appendNumber(millisecond / 60_000 % 60, digits: 2, to: &line)
        line.append(UInt8(ascii: ":"))
        appendNumber(millisecond / 1000 % 60, digits: 2, to: &line)
        line.append(UInt8(ascii: "."))
        appendNumber(millisecond % 1000, digits: 3, to: &line)
        line.append(UInt8(ascii: "Z"))
    }

    private static func floorDivide(_ dividend: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func appendNumber(_ number: Int64, digits: Int, to line: inout [UInt8]) {
        var divisor: Int64 = digits == 4 ? 1000 : digits == 3 ? 100 : 10
        for _ in 0..<digits {
            line.append(zero + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
