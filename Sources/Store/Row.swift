import CSQLite
package import Wire

/// One row of a result, valid only while the closure that got it runs.
///
/// What is read is what was written: a value of another type, out of its range, or of a name that this version does not know is
/// `StoreError.corrupt`, never a guess. Foreign hands, a damaged file and a newer version can leave such values.
package struct Row {
    let statement: OpaquePointer

    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    package func integer(_ column: Int32) throws(StoreError) -> Int64 {
        guard sqlite3_column_type(statement, column) == SQLITE_INTEGER else { throw unexpected(column) }
        return sqlite3_column_int64(statement, column)
    }

    package func integer(_ column: Int32, in range: ClosedRange<Int64>) throws(StoreError) -> Int64 {
        let value = try integer(column)
        guard range.contains(value) else { throw unexpected(column) }
        return value
    }

    /// A number, place or offset: not negative, and far from where arithmetic overflows.
    package func natural(_ column: Int32) throws(StoreError) -> Int64 {
        try integer(column, in: 0...JSONObject.largestInteger)
    }

    /// An id, a quantity or an amount, as events and requests have them.
    package func positive(_ column: Int32) throws(StoreError) -> Int64 {
        try integer(column, in: 1...JSONObject.largestInteger)
    }

    package func partition(_ column: Int32) throws(StoreError) -> Int32 {
        guard let value = Int32(exactly: try integer(column)) else { throw unexpected(column) }
        return value
    }

    package func text(_ column: Int32) throws(StoreError) -> String {
        // The text first, as with bytes. It may hold a zero byte, so its length counts.
        guard sqlite3_column_type(statement, column) == SQLITE_TEXT, let start = sqlite3_column_text(statement, column),
            let text = String(
                validating: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))), as: UTF8.self)
        else { throw unexpected(column) }
        return text
    }

    package func bytes(_ column: Int32) throws(StoreError) -> [UInt8] {
        guard sqlite3_column_type(statement, column) == SQLITE_BLOB else { throw unexpected(column) }
        // The blob first: asking for the length may convert the value. An empty one has no address.
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    /// In bytes.
    package func length(_ column: Int32) -> Int { Int(sqlite3_column_bytes(statement, column)) }

    package func id<Entity>(_ column: Int32) throws(StoreError) -> ID<Entity> {
        ID(bits: try bits(column))
    }

    package func bits(_ column: Int32) throws(StoreError) -> UInt128 {
        guard sqlite3_column_type(statement, column) == SQLITE_BLOB, let start = sqlite3_column_blob(statement, column),
            sqlite3_column_bytes(statement, column) == 16
        else { throw unexpected(column) }
        return UInt128(bigEndian: start.loadUnaligned(as: UInt128.self))
    }

    package func timestamp(_ column: Int32) throws(StoreError) -> Timestamp {
        Timestamp(microseconds: try integer(column, in: Row.times))
    }

    /// One of the values that a type has.
    package func value<Value: RawRepresentable<String>>(_ column: Int32, of type: Value.Type = Value.self) throws(StoreError) -> Value {
        guard let value = Value(rawValue: try text(column)) else { throw unexpected(column) }
        return value
    }

    package func value<Value: RawRepresentable<Int64>>(_ column: Int32, of type: Value.Type = Value.self) throws(StoreError) -> Value {
        guard let value = Value(rawValue: try integer(column)) else { throw unexpected(column) }
        return value
    }

    package func optional<T>(_ column: Int32, _ read: (Row, Int32) throws -> T) rethrows -> T? {
        isNull(column) ? nil : try read(self, column)
    }

    /// Says of a column that this version does not know what is in it.
    package func unexpected(_ column: Int32) -> StoreError {
        let name = sqlite3_column_name(statement, column).map { String(cString: $0) } ?? "column \(column)"
        let query = sqlite3_sql(statement).map { String(cString: $0) } ?? ""
        return .corrupt("this version does not know what to make of \(name) = \(shown(column)), found by: \(query)")
    }

    private func shown(_ column: Int32) -> String {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: "NULL"
        case SQLITE_BLOB: "a blob of \(sqlite3_column_bytes(statement, column)) bytes"
        case SQLITE_TEXT: "'\(sqlite3_column_text(statement, column).map { String(String(cString: $0).prefix(64)) } ?? "")'"
        default: sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
        }
    }

    /// Years with four digits, which is what is shown and sent.
    private static let times: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999
}
