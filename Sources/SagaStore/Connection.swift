import CSQLite
import Glibc
package import Saga

/// One SQLite connection with its prepared statements.
///
/// Not for sharing: whoever owns it uses it from one thread at a time. It is closed when it is released. What was committed
/// survives a crash of the process and, with `synchronous=FULL`, of the machine.
package final class Connection {
    private let handle: OpaquePointer
    private var statements: [UnsafePointer<UInt8>: Statement] = [:]

    package enum Role {
        /// The one connection that writes and checkpoints.
        case writer
        /// Reads only, never checkpoints.
        case reader
        /// A private database in memory, for simulations and tests.
        case memory
    }

    package init(path: String, role: Role) throws(StoreError) {
        var opened: OpaquePointer?
        let flags =
            switch role {
            case .writer: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .reader: SQLITE_OPEN_READONLY
            case .memory: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY
            }
        // Confined by the owner, so SQLite need not lock around each call.
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard let opened else { throw .failed("out of memory") }
        handle = opened
        guard code == SQLITE_OK else {
            throw error(code)
        }
        sqlite3_busy_timeout(handle, 2000)
        switch role {
        case .writer:
            try execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000")
            try execute("PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384")
            let mode = try first("PRAGMA journal_mode") { $0.text(0) }
            let synchronous = try first("PRAGMA synchronous") { $0.integer(0) }
            guard mode == "wal", synchronous == 2 else { throw .failed("\(path): no write-ahead log or no full synchronisation here") }
        case .reader:
            try execute("PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -4096")
        case .memory: break
        }
    }

    deinit {
        statements = [:]
        sqlite3_close_v2(handle)
    }

    /// Runs statements that take and return nothing; not for hot paths.
    package func execute(_ sql: String) throws(StoreError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    package func run(_ sql: StaticString, _ arguments: SQLValue...) throws(StoreError) -> Int {
        let statement = try bound(sql, arguments)
        defer { sqlite3_reset(statement) }
        let code = sqlite3_step(statement)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw error(code) }
        return Int(sqlite3_changes(handle))
    }

    /// The first row of a query, or nil.
    package func first<T>(_ sql: StaticString, _ arguments: SQLValue..., row: (Row) -> T) throws(StoreError) -> T? {
        let statement = try bound(sql, arguments)
        defer { sqlite3_reset(statement) }
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return row(Row(statement: statement))
        case SQLITE_DONE: return nil
        case let code: throw error(code)
        }
    }

    package func all<T>(_ sql: StaticString, _ arguments: SQLValue..., row: (Row) -> T) throws(StoreError) -> [T] {
        let statement = try bound(sql, arguments)
        defer { sqlite3_reset(statement) }
        var rows: [T] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: rows.append(row(Row(statement: statement)))
            case SQLITE_DONE: return rows
            case let code: throw error(code)
            }
        }
    }

    /// Grows with every row that is changed, also when that is undone.
    var changes: Int64 { sqlite3_total_changes64(handle) }

    package var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// False once an error has made SQLite roll the whole transaction back by itself.
    package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// The texts of all statements prepared so far, for a test that looks at their query plans.
    package var preparedStatements: [String] {
        statements.values.compactMap { sqlite3_sql($0.handle).map { String(cString: $0) } }
    }

    /// Statements are kept under the address of their text, which for a literal never changes.
    private func bound(_ sql: StaticString, _ arguments: [SQLValue]) throws(StoreError) -> OpaquePointer {
        let statement = try prepared(sql)
        let code = statement.bind(arguments)
        guard code == SQLITE_OK else { throw error(code) }
        return statement.handle
    }

    private func prepared(_ sql: StaticString) throws(StoreError) -> Statement {
        if let statement = statements[sql.utf8Start] { return statement }
        var made: OpaquePointer?
        let text = UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self)
        let code = sqlite3_prepare_v3(
            handle, text, Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard code == SQLITE_OK, let made else { throw error(code) }
        let statement = Statement(made)
        statements[sql.utf8Start] = statement
        return statement
    }

    private func error(_ code: Int32) -> StoreError {
        StoreError(
            sqlite: code, String(cString: sqlite3_errmsg(handle)),
            outOfDescriptors: [EMFILE, ENFILE].contains(sqlite3_system_errno(handle)))
    }
}

extension StoreError {
    /// What an extended result code means (https://sqlite.org/rescode.html).
    ///
    /// Only what a statement or its values can be the cause of is `failed`, and may make a dead letter of an event.
    package init(sqlite code: Int32, _ message: String, outOfDescriptors: Bool = false) {
        self =
            switch code & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, SQLITE_SCHEMA: .busy
            case SQLITE_FULL: .full
            // SQLITE_IOERR_SHMSIZE: the index of the log is to grow, and there is no space for it.
            case SQLITE_IOERR where code == SQLITE_IOERR | 19 << 8: .full
            case SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_ABORT: .overloaded
            case SQLITE_IOERR where code == SQLITE_IOERR | 12 << 8: .overloaded  // SQLITE_IOERR_NOMEM
            case SQLITE_CANTOPEN where outOfDescriptors: .overloaded
            case SQLITE_IOERR where code == SQLITE_IOERR | 30 << 8: .corrupt(message)  // SQLITE_IOERR_DATA: a checksum
            case SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_NOLFS: .inputOutput("\(message) (\(code))")
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt(message)
            default: .failed("\(message) (SQLite \(code))")
            }
    }
}

/// One row of a result, valid only while the closure that got it runs.
package struct Row {
    fileprivate let statement: OpaquePointer

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

/// A value bound to a statement.
package enum SQLValue: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])
    /// Sixteen bytes, the most significant first, so that they sort as they were made.
    case bits(UInt128)

    package static func id<Entity>(_ id: ID<Entity>?) -> SQLValue {
        id.map { .bits($0.bits) } ?? .null
    }

    package static func text(_ text: String?) -> SQLValue {
        text.map { .text($0) } ?? .null
    }

    package static func time(_ time: Timestamp) -> SQLValue {
        .integer(time.microseconds)
    }
}
