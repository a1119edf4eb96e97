/// Times as the suite writes them: RFC 3339, in UTC, with milliseconds (`2026-01-31T12:00:00.000Z`).
///
/// Reading accepts what RFC 3339, section 5.6 allows: any offset, any number of fractional digits (microseconds are kept).
package enum RFC3339 {
    package static func format(microseconds: Int64) -> String {
        Timestamp(microseconds: microseconds).description
    }

    /// Microseconds since 1970, or nil if the text is no RFC 3339 time.
    package static func parse(_ text: String) -> Int64? {
        var reader = Reader(bytes: Array(text.utf8)[...])
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"), let day = reader.digits(2),
            reader.skip("Tt "), let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2), reader.skip(":"),
            let second = reader.digits(2),
            let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60, second <= 60,
            let fraction = reader.fraction(), let offset = reader.offset(), reader.bytes.isEmpty
        else { return nil }
        let seconds = date.days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return seconds * 1_000_000 + fraction
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func digits(_ count: Int) -> Int64? {
            guard bytes.count >= count else { return nil }
            var value: Int64 = 0
            for byte in bytes.prefix(count) {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            bytes = bytes.dropFirst(count)
            return value
        }

        mutating func skip(_ anyOf: String) -> Bool {
            guard let first = bytes.first, anyOf.utf8.contains(first) else { return false }
            bytes = bytes.dropFirst()
            return true
        }

        /// The optional fraction, in microseconds; nil if there is a dot without digits.
        mutating func fraction() -> Int64? {
            guard skip(".") else { return 0 }
            var microseconds: Int64 = 0
            var unit: Int64 = 100_000
            var count = 0
            while let digit = digits(1) {
                microseconds += digit * unit
                unit /= 10
                count += 1
            }
            return count > 0 ? microseconds : nil
        }

        /// The offset from UTC, in seconds.
        mutating func offset() -> Int64? {
            if skip("Zz") { return 0 }
            let sign: Int64
            if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
            guard let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }
    }
}
