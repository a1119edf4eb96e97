import AdminAPI
import Wire

/// Counts, times and spans in words short enough for a column.
package enum Quantity {
    /// `1 order`, `2 orders`.
    package static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// `1.5 ms`, `12.3 s`, `2 m 05 s`, `3 h 20 m`, `4 d 3 h`.
    package static func span(milliseconds: Double) -> String {
        switch milliseconds {
        case ..<9_999.95: return "\(tenths(milliseconds)) ms"
        case ..<59_950: return "\(tenths(milliseconds / 1000)) s"
        default: return span(seconds: Int((milliseconds / 1000).rounded()))
        }
    }

    package static func span(seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) m \(two(seconds % 60)) s"
        case ..<86400: return "\(seconds / 3600) h \(two(seconds / 60 % 60)) m"
        default: return "\(seconds / 86400) d \(seconds / 3600 % 24) h"
        }
    }

    /// `2026-01-31 12:00:00` of an RFC 3339 time in UTC.
    package static func time(_ rfc3339: String) -> String {
        guard rfc3339.count >= 19, RFC3339.parse(rfc3339) != nil else { return rfc3339 }
        return String(rfc3339.prefix(10) + " " + rfc3339.dropFirst(11).prefix(8))
    }

    package static func tenths(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
