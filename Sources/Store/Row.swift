package import Wire

/// One row of a result, valid only while the closure that got it runs.
///
/// What is read is what was written: a value of another type, out of its range, or of a name that this version does not know is
/// `StoreError.corrupt`, never a guess. Foreign hands, a damaged file and a newer version can leave such values.
package struct Row {
    let result: any ResultRow

    package func isNull(_ column: Int32) -> Bool { result.isNull(column) }

    package func integer(_ column: Int32) throws(StoreError) -> Int64 {
        guard let value = result.integer(column) else { throw unexpected(column) }
        return value
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
        guard let value = result.text(column) else { throw unexpected(column) }
        return value
    }

    package func bytes(_ column: Int32) throws(StoreError) -> [UInt8] {
        guard let value = result.bytes(column) else { throw unexpected(column) }
        return value
    }

    /// In bytes; 0 for NULL.
    package func length(_ column: Int32) -> Int { result.length(column) }

    package func id<Entity>(_ column: Int32) throws(StoreError) -> ID<Entity> {
        ID(bits: try bits(column))
    }

    package func bits(_ column: Int32) throws(StoreError) -> UInt128 {
        guard let value = result.bits(column) else { throw unexpected(column) }
        return value
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
        let (name, value, query) = result.described(column)
        return .corrupt("this version does not know what to make of \(name) = \(value), found by: \(query)")
    }

    /// Years with four digits, which is what is shown and sent.
    private static let times: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999
}
