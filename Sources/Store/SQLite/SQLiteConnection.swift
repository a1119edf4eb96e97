import CSQLite
import Glibc
import Posix

/// One SQLite connection with its prepared statements.
///
/// Not for sharing: its owner uses it from one thread at a time, and has that asserted once he knows which. It is closed when it is
/// released. What was committed survives a crash of the process and, with `synchronous=FULL`, of the machine.
package final class SQLiteConnection {
    package enum Role {
        /// The one connection that writes and checkpoints.
        case writer
        /// Reads only, never checkpoints.
        case reader
        /// A private database in memory, for simulations and tests.
        case memory
    }

    private let handle: OpaquePointer
    /// By the address of their text, which for a literal never changes.
    private(set) var statements: [UnsafePointer<UInt8>: SQLiteStatement] = [:]
    private var confinement = ThreadConfinement()

    /// Once for the process.
    private static let keepsNoStatistics: Void = {
        _ = csqlite_keep_no_memory_statistics()
    }()

    package init(path: String, role: Role) throws(StoreError) {
        _ = SQLiteConnection.keepsNoStatistics
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
            let mode = try first("PRAGMA journal_mode") { try $0.text(0) }
            let synchronous = try first("PRAGMA synchronous") { try $0.integer(0) }
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

    /// From here on it is used on the calling thread, until another takes it over in the same way.
    package func confineToThisThread() {
        confinement.takeOver()
    }

    /// Runs statements that take and return nothing; not for hot paths.
    package func execute(_ sql: String) throws(StoreError) {
        confinement.require()
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
    package func first<T>(_ sql: StaticString, _ arguments: SQLValue..., row: (Row) throws -> T) throws(StoreError) -> T? {
        let statement = try bound(sql, arguments)
        defer { sqlite3_reset(statement) }
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return try read(statement, row)
        case SQLITE_DONE: return nil
        case let code: throw error(code)
        }
    }

    /// All rows of a query, in order.
    package func all<T>(_ sql: StaticString, _ arguments: SQLValue..., row: (Row) throws -> T) throws(StoreError) -> [T] {
        let statement = try bound(sql, arguments)
        defer { sqlite3_reset(statement) }
        var rows: [T] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: rows.append(try read(statement, row))
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

    /// Copies the state that the present transaction reads.
    func copy(to path: String, pagesAtOnce: Int32, isCanceled: () -> Bool) throws {
        // Reading something makes it one state for all steps: without that each change meanwhile would begin the copy anew.
        _ = try first("SELECT count(*) FROM sqlite_schema") { try $0.integer(0) }
        var opened: OpaquePointer?
        defer { sqlite3_close(opened) }
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let backup = sqlite3_backup_init(opened, "main", handle, "main") else {
            throw StoreError(sqlite: code == SQLITE_OK ? sqlite3_extended_errcode(opened) : code, "the copy cannot be begun")
        }
        var result = SQLITE_OK
        while result == SQLITE_OK, !isCanceled() { result = sqlite3_backup_step(backup, pagesAtOnce) }
        sqlite3_backup_finish(backup)
        if result == SQLITE_OK { throw CancellationError() }
        guard result == SQLITE_DONE else { throw CopyError(result, of: path) }
    }

    private func read<T>(_ statement: OpaquePointer, _ row: (Row) throws -> T) throws(StoreError) -> T {
        do {
            return try row(Row(statement: statement))
        } catch {
            throw error as? StoreError ?? .failed("\(error)")
        }
    }

    private func bound(_ sql: StaticString, _ arguments: [SQLValue]) throws(StoreError) -> OpaquePointer {
        confinement.require()
        let statement = try prepared(sql)
        let code = statement.bind(arguments)
        guard code == SQLITE_OK else { throw error(code) }
        return statement.handle
    }

    private func prepared(_ sql: StaticString) throws(StoreError) -> SQLiteStatement {
        if let statement = statements[sql.utf8Start] { return statement }
        var made: OpaquePointer?
        let text = UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self)
        let code = sqlite3_prepare_v3(
            handle, text, Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard code == SQLITE_OK, let made else { throw error(code) }
        let statement = SQLiteStatement(made)
        statements[sql.utf8Start] = statement
        return statement
    }

    private func error(_ code: Int32) -> StoreError {
        StoreError(
            sqlite: code, String(cString: sqlite3_errmsg(handle)),
            outOfDescriptors: [EMFILE, ENFILE].contains(sqlite3_system_errno(handle)))
    }
}
