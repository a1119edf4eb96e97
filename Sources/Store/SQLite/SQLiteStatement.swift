import CSQLite

/// A prepared statement, with the bytes of the arguments that are bound to it and its present row.
///
/// SQLite is told that texts and blobs stay where they are, and makes no copies: they do, until the next `bind`, which comes after the
/// statement was reset. Owned by its connection, and freed before that is closed.
final class SQLiteStatement: ResultRow {
    let handle: OpaquePointer
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 16)

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        sqlite3_finalize(handle)
        storage.deallocate()
    }

    /// Binds one value to each parameter, in order; returns SQLite's result code.
    func bind(_ arguments: [SQLValue]) -> Int32 {
        let size = arguments.reduce(0) { $0 + $1.byteCount }
        if size > storage.count {
            storage.deallocate()
            storage = .allocate(byteCount: size, alignment: 16)
        }
        var used = 0
        var index: Int32 = 0
        for argument in arguments {
            index += 1
            let place = UnsafeMutableRawBufferPointer(rebasing: storage[used...])
            let code = argument.bind(to: handle, at: index, storedAt: place)
            guard code == SQLITE_OK else { return code }
            used += argument.byteCount
        }
        return SQLITE_OK
    }

    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64? {
        sqlite3_column_type(handle, column) == SQLITE_INTEGER ? sqlite3_column_int64(handle, column) : nil
    }

    func text(_ column: Int32) -> String? {
        // The text first, as with bytes. It may hold a zero byte, so its length counts.
        guard sqlite3_column_type(handle, column) == SQLITE_TEXT, let start = sqlite3_column_text(handle, column) else { return nil }
        return String(validating: UnsafeBufferPointer(start: start, count: length(column)), as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8]? {
        guard sqlite3_column_type(handle, column) == SQLITE_BLOB else { return nil }
        // The blob first: asking for the length may convert the value. An empty one has no address.
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: length(column)))
    }

    func bits(_ column: Int32) -> UInt128? {
        guard sqlite3_column_type(handle, column) == SQLITE_BLOB, let start = sqlite3_column_blob(handle, column), length(column) == 16
        else { return nil }
        return UInt128(bigEndian: start.loadUnaligned(as: UInt128.self))
    }

    func length(_ column: Int32) -> Int { Int(sqlite3_column_bytes(handle, column)) }

    func described(_ column: Int32) -> (name: String, value: String, query: String) {
        let value =
            switch sqlite3_column_type(handle, column) {
            case SQLITE_NULL: "NULL"
            case SQLITE_BLOB: "a blob of \(length(column)) bytes"
            case SQLITE_TEXT: "'\(sqlite3_column_text(handle, column).map { String(String(cString: $0).prefix(64)) } ?? "")'"
            default: sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
            }
        return (
            sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "column \(column)", value,
            sqlite3_sql(handle).map { String(cString: $0) } ?? ""
        )
    }
}

extension SQLValue {
    /// How many bytes SQLite needs to find in memory.
    fileprivate var byteCount: Int {
        switch self {
        case .null, .integer: 0
        case .text(let value): value.utf8.count
        case .bytes(let value): value.count
        case .bits: 16
        }
    }

    fileprivate func bind(to statement: OpaquePointer, at index: Int32, storedAt place: UnsafeMutableRawBufferPointer) -> Int32 {
        // Never a null pointer: that would bind NULL instead of an empty text. A nil destructor is SQLITE_STATIC.
        switch self {
        case .null: return sqlite3_bind_null(statement, index)
        case .integer(let value): return sqlite3_bind_int64(statement, index, value)
        case .text(let value):
            place.copyBytes(from: value.utf8)
            return sqlite3_bind_text(statement, index, place.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(byteCount), nil)
        case .bytes(let value):
            place.copyBytes(from: value)
            return sqlite3_bind_blob(statement, index, place.baseAddress, Int32(value.count), nil)
        case .bits(let value):
            place.storeBytes(of: value.bigEndian, as: UInt128.self)
            return sqlite3_bind_blob(statement, index, place.baseAddress, 16, nil)
        }
    }
}
