import CSQLite
import Glibc
import Saga
import Synchronization
package import Wire

/// One service's database: the lock on its directory, the writer, and the connections that read.
///
/// There is one process per database and one connection that writes it (an old bug of SQLite's write-ahead log needs two). Owned
/// by the daemon, closed last.
package final class Database: Sendable {
    package let writer: GroupCommitWriter
    private let readers = Mutex(Readers())
    private let lock: Mutex<DirectoryLock?>
    package let path: String
    /// True when this start made the database.
    package let isNew: Bool

    /// Opens, checks and migrates the database in `directory`, which is made where it is missing (mode 0750).
    ///
    /// - Parameter initialize: runs once in the life of a database, in the transaction that makes it usable.
    package init(
        directory: String, schema: Schema, clock: @escaping @Sendable () -> Timestamp,
        initialize: (Transaction) throws -> Void, prepareCommit: @escaping @Sendable (Transaction) throws -> Void,
        committed: @escaping @Sendable ([OutboxEntry]) -> Void, failed: @escaping @Sendable (StoreError) -> Void
    ) throws {
        let lock = try DirectoryLock(directory: directory)
        path = directory + "/saga.db"
        // SQLite would make it readable for everybody, but for the process's mask; its log and index get the mode of the file.
        try lock.makeFile(path)
        try LeftoverLog.makeDurable(path)
        let connection = try Connection(path: path, role: .writer)
        try Database.check(connection, path: path)
        try schema.migrate(connection)

        let setup = Transaction(connection, now: clock(), ids: IDGenerator())
        try setup.begin()
        do {
            isNew = try setup.initialize()
            if isNew { try initialize(setup) }
            try setup.commit()
        } catch {
            setup.rollBack()
            throw error
        }
        self.lock = Mutex(lock)
        writer = GroupCommitWriter(
            connection: connection, ids: setup.ids, clock: clock, prepareCommit: prepareCommit, committed: committed,
            failed: failed)
    }

    /// Of the SQLite that is loaded.
    package static var libraryVersion: String { String(cString: sqlite3_libversion()) }

    /// Reads what is committed: one state of it, however many queries `body` makes. Short reads only: a long one keeps the write-ahead
    /// log from being reused.
    package func read<Result>(_ body: (Snapshot) throws -> Result) throws -> Result {
        let idle = try readers.withLock { readers in
            if readers.areClosed { throw StoreError.closed }
            return readers.idle.popLast()
        }
        let reader = try idle ?? IdleReader(connection: Connection(path: path, role: .reader))
        try reader.connection.run("BEGIN")
        let result = Swift.Result { try body(Snapshot(reader.connection)) }
        if reader.connection.isInTransaction { try reader.connection.run("ROLLBACK") }
        readers.withLock { if !$0.areClosed, $0.idle.count < Database.mostIdleReaders { $0.idle.append(reader) } }
        return try result.get()
    }

    /// Refuses reads, finishes what is queued for writing, closes the file and lets go of the directory. Blocks; not to be called on the writer's thread.
    package func close() {
        // The writer last: the last connection to go empties the log into the file, which a reader cannot.
        readers.withLock { $0 = Readers(areClosed: true) }
        writer.close()
        lock.withLock { $0 = nil }
    }

    private struct Readers {
        var idle: [IdleReader] = []
        var areClosed = false
    }

    /// `@unchecked Sendable`: whoever takes it out of the pool is the only one to use it until it is back.
    private struct IdleReader: @unchecked Sendable {
        let connection: Connection
    }

    private static let mostIdleReaders = 4
    private static let fullCheckLimit: Int64 = 32 << 20

    /// A damaged file is found now rather than later: a small one is checked in full, of a large one what every start reads.
    private static func check(_ connection: Connection, path: String) throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size <= fullCheckLimit else { return }
        let problem = try connection.first("PRAGMA quick_check(1)") { $0.text(0) }
        guard problem == "ok" else { throw .corrupt(problem ?? "no answer to quick_check") }
    }
}

/// Keeps a second process out of a directory, for as long as it lives; the kernel lets go when the process ends, however it ends.
private struct DirectoryLock: ~Copyable, Sendable {
    private let descriptor: Int32

    init(directory: String) throws(StoreError) {
        descriptor = try DirectoryLock.acquire(directory)
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Makes a file that others cannot read, where it is missing.
    func makeFile(_ path: String) throws(StoreError) {
        // Before SQLite has it open: closing any descriptor of a file gives up the process's locks on it (fcntl(2)).
        Glibc.close(try DirectoryLock.open(path))
    }

    private static func open(_ path: String) throws(StoreError) -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .unusableDirectory("\(path): \(String(cString: strerror(errno)))") }
        return descriptor
    }

    private static func acquire(_ directory: String) throws(StoreError) -> Int32 {
        try makeParents(of: directory)
        try make(directory)
        let descriptor = try open(directory + "/lock")
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(descriptor)
            throw .anotherInstance(directory: directory)
        }
        return descriptor
    }

    private static func makeParents(of directory: String) throws(StoreError) {
        var path = directory.hasPrefix("/") ? "/" : ""
        for part in directory.split(separator: "/").dropLast() {
            path += part + "/"
            try make(path)
        }
    }

    private static func make(_ directory: String) throws(StoreError) {
        if mkdir(directory, 0o750) == 0 {
            // Whatever the umask, which is for files.
            chmod(directory, 0o750)
        } else if errno != EEXIST {
            throw .unusableDirectory("\(directory): \(String(cString: strerror(errno)))")
        }
    }
}
