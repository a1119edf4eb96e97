import Synchronization
package import Wire

/// One service's database: the writer, and the connections that read. Owned by the daemon, closed last.
package final class SQLDatabase: Sendable {
    package typealias Transaction = WriteTransaction

    package let writer: GroupCommitWriter
    package let engine: any DatabaseEngine
    private let readers = Mutex(Readers())
    private let readerThreads = ReaderThreads()
    /// True when this start made the database.
    package let isNew: Bool

    /// Opens, checks and migrates the database that `engine` keeps.
    ///
    /// - Parameters:
    ///   - newWork: makes what a transaction gathers in.
    ///   - makeTables: runs at each start, for tables beside those of the schema.
    ///   - initialize: runs once in the life of a database, in the transaction that makes it usable.
    package init(
        engine: any DatabaseEngine, schema: Schema, clock: @escaping @Sendable () -> Timestamp,
        newWork: @escaping @Sendable () -> any GatheredWork, makeTables: (Transaction) throws -> Void = { _ in },
        initialize: (Transaction) throws -> Void, prepareCommit: @escaping @Sendable (Transaction) throws -> Void,
        committed: @escaping @Sendable (any GatheredWork) -> Void, measured: @escaping @Sendable (Duration, Int) -> Void = { _, _ in },
        failed: @escaping @Sendable (StoreError) -> Void
    ) throws {
        self.engine = engine
        let connection = try engine.openWriter(schema)
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
        writer = GroupCommitWriter(
            connection: connection, ids: setup.ids, clock: clock, newWork: newWork, prepareCommit: prepareCommit, committed: committed,
            measured: measured, failed: failed)
    }

    deinit {
        readerThreads.close()
    }

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
        let reader = try idle ?? IdleReader(connection: engine.openReader())
        reader.connection.confineToThisThread()
        try reader.connection.beginReading()
        let result = Swift.Result { try body(Snapshot(reader.connection)) }
        reader.connection.rollBack()
        readers.withLock { if !$0.areClosed, $0.idle.count < Self.mostIdleReaders { $0.idle.append(reader) } }
        return try result.get()
    }

    /// Looks whether the files in use are still those that the next start would find, and ends the process where they are not: another
    /// process could have been let in, and nothing that is written would be found again.
    package func checkFiles() {
        guard let path = engine.replacedFile else { return }
        // Closing saves what is in a removed log, where SQLite finds the database itself in its place.
        writer.fail(.replaced(path)) { close() }
    }

    /// Refuses reads, finishes what is queued for writing, closes the connections and lets go of the database. Blocks; not to be called on the writer's thread.
    package func close() {
        // The writer last: the last connection to go empties the log into the file, which a reader cannot.
        readerThreads.close()
        readers.withLock { $0 = Readers(areClosed: true) }
        writer.close()
        engine.close()
    }

    private struct Readers {
        var idle: [IdleReader] = []
        var areClosed = false
    }

    /// `@unchecked Sendable`: who takes it out of the pool confines it to his thread until it is back.
    private struct IdleReader: @unchecked Sendable {
        let connection: any SQLConnection
    }

    private static let mostIdleReaders = 4
}
