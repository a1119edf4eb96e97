import CSQLite
import Saga
import SagaStore
import Store

/// One service's database, driven through SQLite's C interface with nothing in between.
///
/// Made and migrated by the service's own schema, opened with the settings of the service's own writer; only the statements are
/// repeated here (`RowStatements`). So when a schema changes and they no longer fit, preparing them fails and says so.
final class RowDatabase {
    private let handle: OpaquePointer
    private let begin: RowStatement
    private let commitStatement: RowStatement
    private(set) var commits = 0

    enum Durability: String {
        /// Each commit is synchronised, as in the daemons.
        case full = "FULL"
        /// For filling a database that nobody needs if the machine fails meanwhile.
        case none = "OFF"
    }

    init(path: String, schema: Schema, durability: Durability) throws {
        // In a scope of its own: there is never a second connection that writes.
        do {
            let connection = try SQLiteConnection(path: path, role: .writer)
            try schema.migrate(connection)
        }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else { throw BenchError("\(path) could not be opened (SQLite \(code))") }
        handle = opened
        begin = try RowStatement("BEGIN IMMEDIATE", handle)
        commitStatement = try RowStatement("COMMIT", handle)
        try execute(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = \(durability.rawValue); PRAGMA wal_autocheckpoint = 4000;
            PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384
            """)
    }

    deinit {
        // A connection with statements left is closed with the last of them (sqlite3_close_v2).
        sqlite3_close_v2(handle)
    }

    func prepare(_ sql: String) throws -> RowStatement {
        try RowStatement(sql, handle)
    }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw BenchError("\(String(cString: sqlite3_errmsg(handle))): \(sql)")
        }
    }

    /// The id of the outbox as a log, by which its readers know it.
    func logID() throws -> UInt128 {
        guard let id = try prepare("SELECT value FROM meta WHERE name = 'log_id'").firstBits() else {
            throw BenchError("a database without an id: start the suite once before its history is written")
        }
        return id
    }

    /// One durable commit.
    func transaction(_ body: () throws -> Void) throws {
        try begin.run()
        try body()
        try commitStatement.run()
        commits += 1
    }
}

/// A prepared statement, run again and again. What was bound stays bound until it is bound anew.
final class RowStatement {
    private let statement: OpaquePointer

    fileprivate init(_ sql: String, _ handle: OpaquePointer) throws {
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil) == SQLITE_OK, let prepared else {
            throw BenchError(
                "\(String(cString: sqlite3_errmsg(handle))): \(sql)\nBenchmarks/sagabench/Rows repeats the services' statements: it has to follow"
            )
        }
        statement = prepared
    }

    deinit {
        sqlite3_finalize(statement)
    }

    func bind(_ index: Int32, _ value: Int64) -> RowStatement {
        sqlite3_bind_int64(statement, index, value)
        return self
    }

    func bind(_ index: Int32, _ bits: UInt128?) -> RowStatement {
        guard let bits else { return bindNull(index) }
        withUnsafeBytes(of: bits.bigEndian) { _ = sqlite3_bind_blob(statement, index, $0.baseAddress, 16, csqlite_transient()) }
        return self
    }

    /// A literal stays where it is, so SQLite need not copy it.
    func bind(_ index: Int32, _ text: StaticString?) -> RowStatement {
        guard let text else { return bindNull(index) }
        let start = UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
        sqlite3_bind_text(statement, index, start, Int32(text.utf8CodeUnitCount), nil)
        return self
    }

    func bind(_ index: Int32, _ bytes: [UInt8]) -> RowStatement {
        bytes.withUnsafeBytes { _ = sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), csqlite_transient()) }
        return self
    }

    private func bindNull(_ index: Int32) -> RowStatement {
        sqlite3_bind_null(statement, index)
        return self
    }

    func run() throws {
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE || code == SQLITE_ROW else {
            throw BenchError("\(String(cString: sqlite3_errstr(code))): \(String(cString: sqlite3_sql(statement)))")
        }
    }

    /// Sixteen bytes of the first row; nil when there is none.
    fileprivate func firstBits() -> UInt128? {
        defer { sqlite3_reset(statement) }
        guard sqlite3_step(statement) == SQLITE_ROW, let start = sqlite3_column_blob(statement, 0) else { return nil }
        guard sqlite3_column_bytes(statement, 0) == 16 else { return nil }
        return UInt128(bigEndian: start.loadUnaligned(as: UInt128.self))
    }
}
