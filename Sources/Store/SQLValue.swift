package import Wire

/// A value bound to a statement.
package enum SQLValue: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])
    /// Sixteen bytes, the most significant first, so that they sort as they were made.
    case bits(UInt128)

    package static func bits(_ bits: UInt128?) -> SQLValue {
        bits.map { .bits($0) } ?? .null
    }

    package static func text(_ text: String?) -> SQLValue {
        text.map { .text($0) } ?? .null
    }

    package static func integer(_ integer: Int64?) -> SQLValue {
        integer.map { .integer($0) } ?? .null
    }

    package static func time(_ time: Timestamp) -> SQLValue {
        .integer(time.microseconds)
    }
}
