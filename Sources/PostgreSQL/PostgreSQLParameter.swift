/// A value given to a statement.
package enum PostgreSQLParameter: Sendable, Equatable {
    /// Of whatever type the statement makes of it.
    case null
    /// int8
    case integer(Int64)
    /// text. It cannot hold a zero byte.
    case text(String)
    /// bytea
    case bytes([UInt8])
    /// bytea of sixteen bytes, the most significant first, so that they sort as they were made.
    case bits(UInt128)
}
