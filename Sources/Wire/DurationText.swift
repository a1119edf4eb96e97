/// Durations as people write them: `500ms`, `1.5s`, `7d`. Exact to the nanosecond.
package enum DurationText {
    /// Why a text is no duration.
    package enum Refusal: Error, Equatable {
        case malformed, missingUnit, tooManyDecimals, tooLong, notPositive
    }

    /// A century: longer is a typing error, and this is far from any overflow.
    package static let maximumDays: Int128 = 36_500

    /// Longest unit last; `ms` before `s` and `m`, since it ends and begins like them.
    private static let units: [(name: String, nanoseconds: Int128)] = [
        ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]
    package static let maximumDecimals = 9

    package static func read(_ text: String) throws(Refusal) -> Duration {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { throw isDigits(text[...]) ? .missingUnit : .malformed }
        let number = text.dropLast(unit.name.count).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = number.count == 2 ? number[1] : "0"
        guard isDigits(number[0]), isDigits(decimals) else { throw .malformed }
        guard decimals.count <= maximumDecimals else { throw .tooManyDecimals }
        let limit = maximumDays * 86_400_000_000_000
        guard let whole = Int128(number[0]), whole <= limit, let part = Int128(decimals) else { throw .tooLong }
        let scale = decimals.reduce(Int128(1)) { scale, _ in scale * 10 }
        let nanoseconds = whole * unit.nanoseconds + part * unit.nanoseconds / scale
        if nanoseconds > limit { throw .tooLong }
        if nanoseconds == 0 { throw .notPositive }
        return Duration(attoseconds: nanoseconds * 1_000_000_000)
    }

    /// In the longest unit that leaves no fraction.
    package static func write(_ duration: Duration) -> String {
        let nanoseconds = duration.attoseconds / 1_000_000_000
        if let unit = units.last(where: { nanoseconds % $0.nanoseconds == 0 }) {
            return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
        }
        let (milliseconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let digits = String(rest + 1_000_000).dropFirst()
        return "\(milliseconds).\(digits.prefix(through: digits.lastIndex { $0 != "0" } ?? digits.startIndex))ms"
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
}
