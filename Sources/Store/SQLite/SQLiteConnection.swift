import CSQLite
import Glibc
import Posix

/// One SQLite connection with its prepared statements, closed when it is released. `synchronous=FULL` makes a commit survive a crash of
/// the machine.
package final class SQLiteConnection: SQLConnection {
    package enum Role {
        /// The one connection that writes and checkpoints.
        case writer
        /// Reads only, never checkpoints.
        case reader
        /// A private database in memory, for simulations and tests.
        case memory
    }

    package var dialect: SQLDialect { .sqlite }

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

    package func confineToThisThread() {
        confinement.takeOver()
    }

    package func execute(_ sql: String) throws(StoreError) {
        confinement.require()
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    @discardableResult
    package func query(_ sql: StaticString, _ arguments: [SQLValue], row: (Row) throws -> Bool) throws(StoreError) -> Int {
        let statement = try bound(sql, arguments)
        defer { sqlite3_reset(statement.handle) }
        while true {
            switch sqlite3_step(statement.handle) {
            case SQLITE_ROW: guard try read(statement, row) else { return Int(sqlite3_changes(handle)) }
            case SQLITE_DONE: return Int(sqlite3_changes(handle))
            case let code: throw error(code)
            }
        }
    }

    package func post(_ sql: StaticString, _ arguments: [SQLValue]) throws(StoreError) {
        try query(sql, arguments) { _ in false }
    }

    /// Nothing waits.
    package func flush() {}

    package func begin() throws(StoreError) {
        try run("BEGIN IMMEDIATE")
    }

    package func beginReading() throws(StoreError) {
        try run("BEGIN")
    }

    package func commit() throws(StoreError) {
        try run("COMMIT")
    }

    package func rollBack() {
        if isInTransaction { _ = try? run("ROLLBACK") }
    }

    package var changes: Int64 { sqlite3_total_changes64(handle) }

    /// A failed statement undoes itself, and the transaction goes on.
    package var hasFailed: Bool { false }

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

    private func read(_ statement: SQLiteStatement, _ row: (Row) throws -> Bool) throws(StoreError) -> Bool {
        do {
            return try row(Row(result: statement))
        } catch {
            throw error as? StoreError ?? .failed("\(error)")
        }
    }

    private func bound(_ sql: StaticString, _ arguments: [SQLValue]) throws(StoreError) -> SQLiteStatement {
        confinement.require()
        let statement = try prepared(sql)
        let code = statement.bind(arguments)
        guard code == SQLITE_OK else { throw error(code) }
        return statement
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
