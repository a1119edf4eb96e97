import CSQLite
import Glibc
import Ownership
import Synchronization
package import Wire

/// One service's database: the lock on its directory, the writer, and the connections that read.
///
/// There is one process per database and one connection that writes it (an old bug of SQLite's write-ahead log needs two). Owned
/// by the daemon, closed last.
package final class SQLiteDatabase: Sendable {
    package typealias Transaction = WriteTransaction

    package let writer: GroupCommitWriter
    private let readers = Mutex(Readers())
    private let readerThreads = ReaderThreads()
    private let lock: Mutex<DirectoryLock?>
    private let files: FileIdentities
    package let path: String
    /// True when this start made the database.
    package let isNew: Bool

    /// Opens, checks and migrates the database in `directory`, which is made where it is missing (mode 0750).
    ///
    /// - Parameters:
    ///   - newWork: makes what a transaction gathers in.
    ///   - makeTables: runs at each start, for tables beside those of the schema.
    ///   - initialize: runs once in the life of a database, in the transaction that makes it usable.
    package init(
        directory: String, schema: Schema, clock: @escaping @Sendable () -> Timestamp, newWork: @escaping @Sendable () -> any GatheredWork,
        makeTables: (Transaction) throws -> Void = { _ in }, initialize: (Transaction) throws -> Void,
        prepareCommit: @escaping @Sendable (Transaction) throws -> Void, committed: @escaping @Sendable (any GatheredWork) -> Void,
        measured: @escaping @Sendable (Duration, Int) -> Void = { _, _ in }, failed: @escaping @Sendable (StoreError) -> Void
    ) throws {
        let lock = try DirectoryLock(directory: directory)
        path = directory + "/saga.db"
        for file in [path, path + "-wal", path + "-shm"] { try lock.check(file) }
        // SQLite would make it readable for everybody, but for the process's mask; its log and index get the mode of the file.
        try lock.makeFile(path)
        try LeftoverLog.makeDurable(path)
        let connection = try SQLiteConnection(path: path, role: .writer)
        try Self.check(connection, path: path)
        try schema.migrate(connection)

        let setup = Transaction(connection, now: clock(), ids: IDGenerator(), gathering: newWork())
        try setup.begin()
        do {
            try makeTables(setup)
            isNew = try setup.initialize()
            if isNew { try initialize(setup) }
            try setup.commit()
        } catch {
            setup.rollBack()
            throw error
        }
        files = FileIdentities([directory, directory + "/lock", path, path + "-wal", path + "-shm"])
        self.lock = Mutex(lock)
        writer = GroupCommitWriter(
            connection: connection, ids: setup.ids, clock: clock, newWork: newWork, prepareCommit: prepareCommit, committed: committed,
            measured: measured, failed: failed)
    }

    deinit {
        readerThreads.close()
    }

    /// Of the SQLite that is loaded.
    package static var libraryVersion: String { String(cString: sqlite3_libversion()) }

    /// Reads what is committed: one state of it, however many queries `body` makes. Short reads only: a long one keeps the write-ahead
    /// log from being reused.
    ///
    /// An error that is final ends the process, as it does for the writer: what cannot be read must not be guessed or passed over.
    package func read<Result: Sendable>(_ body: @escaping @Sendable (Snapshot) throws -> Result) async throws -> Result {
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Result, any Error>) in
            do {
                try readerThreads.run { continuation.resume(with: Swift.Result { try self.read(body) }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// The same on the calling thread, which waits for the disk: at the start, and on threads that may wait.
    @available(*, noasync)
    package func read<Result>(_ body: (Snapshot) throws -> Result) throws -> Result {
        do {
            return try readOnce(body)
        } catch let error as StoreError where error.isFinal {
            // Whoever takes a file away makes reading fail as a broken disk does.
            checkFiles()
            writer.fail(error)
            throw error
        }
    }

    private func readOnce<Result>(_ body: (Snapshot) throws -> Result) throws -> Result {
        let idle = try readers.withLock { readers in
            if readers.areClosed { throw StoreError.closed }
            return readers.idle.popLast()
        }
        let reader = try idle ?? IdleReader(connection: SQLiteConnection(path: path, role: .reader))
        reader.connection.confineToThisThread()
        try reader.connection.run("BEGIN")
        let result = Swift.Result { try body(Snapshot(reader.connection)) }
        if reader.connection.isInTransaction { try reader.connection.run("ROLLBACK") }
        readers.withLock { if !$0.areClosed, $0.idle.count < Self.mostIdleReaders { $0.idle.append(reader) } }
        return try result.get()
    }

    /// Looks whether the files in use are still those that the next start would find, and ends the process where they are not: another
    /// process could have been let in, and nothing that is written would be found again.
    package func checkFiles() {
        guard let path = files.changed else { return }
        // Closing saves what is in a removed log, where SQLite finds the database itself in its place.
        writer.fail(.replaced(path)) { close() }
    }

    /// Of the write-ahead log; 0 where there is none.
    package var logSize: Int64 {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Refuses reads, finishes what is queued for writing, closes the file and lets go of the directory. Blocks; not to be called on the writer's thread.
    package func close() {
        // The writer last: the last connection to go empties the log into the file, which a reader cannot.
        readerThreads.close()
        readers.withLock { $0 = Readers(areClosed: true) }
        writer.close()
        lock.withLock { $0 = nil }
    }

    private struct Readers {
        var idle: [IdleReader] = []
        var areClosed = false
    }

    /// `@unchecked Sendable`: who takes it out of the pool confines it to his thread until it is back.
    private struct IdleReader: @unchecked Sendable {
        let connection: SQLiteConnection
    }

    private static let mostIdleReaders = 4
    private static let fullCheckLimit: Int64 = 32 << 20

    /// A damaged file is found now rather than later: a small one is checked in full, of a large one what every start reads.
    private static func check(_ connection: SQLiteConnection, path: String) throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size <= fullCheckLimit else { return }
        let problem = try connection.first("PRAGMA quick_check(1)") { try $0.text(0) }
        guard problem == "ok" else { throw .corrupt(problem ?? "no answer to quick_check") }
    }
}
