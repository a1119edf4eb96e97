import CSQLite
import Saga
package import Wire

/// One row of a result, valid only while the closure that got it runs.
package struct Row {
    let statement: OpaquePointer

    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    package func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(statement, column)
    }

    package func text(_ column: Int32) -> String {
        // The text first, as with bytes. It may hold a zero byte, so its length counts.
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))), as: UTF8.self)
    }

    package func bytes(_ column: Int32) -> [UInt8] {
        // The blob first: asking for the length may convert the value.
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    package func id<Entity>(_ column: Int32) -> ID<Entity> {
        ID(bits: bits(column))
    }

    package func bits(_ column: Int32) -> UInt128 {
        guard let start = sqlite3_column_blob(statement, column), sqlite3_column_bytes(statement, column) == 16 else { return 0 }
        return UInt128(bigEndian: start.loadUnaligned(as: UInt128.self))
    }

    package func timestamp(_ column: Int32) -> Timestamp {
        Timestamp(microseconds: integer(column))
    }

    package func optional<T>(_ column: Int32, _ read: (Row, Int32) -> T) -> T? {
        isNull(column) ? nil : read(self, column)
    }
}
