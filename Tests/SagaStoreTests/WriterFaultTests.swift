import Foundation
import Saga
import SagaStore
import Store
import SagaTestSupport
import Testing

/// What the writer makes of a lock, a full disk and damage while it runs.
@Suite struct WriterFaultTests {
    private let directory: TestDirectory
    private let callbacks = Callbacks()
    private let database: Database
    private var writer: GroupCommitWriter { database.writer }

    init() throws {
        directory = try TestDirectory()
        database = try Database(in: directory.path, callbacks: callbacks)
    }

    @Test func `Fault 27, the database locked from outside: busy, and forgotten when it is gone`() async throws {
        let outsider = try RawDatabase(database.path)
        try outsider.query("BEGIN IMMEDIATE")
        #expect(await storeError { try await writer.write { try $0.note("a") } } == .busy)
        #expect(try database.notes() == [])
        try outsider.query("COMMIT")
        try await writer.write { try $0.note("b") }
        #expect(try database.notes() == ["b"])
        #expect(callbacks.failures.isEmpty)
    }

    @Test func `A full database refuses what does not fit, and heals when there is space`() async throws {
        try await writer.write { try $0.connection.execute("PRAGMA max_page_count = 40") }
        let big = String(repeating: "x", count: 1 << 20)
        let hold = await writer.hold()
        let tasks = ["small", big].map { text in
            writer.submit { transaction in
                try transaction.note(text)
                try transaction.emit()
                transaction.add(1, to: "work")
            }
        }
        try await hold.letGo()
        // SQLite undoes the whole transaction when it is full, so nobody is told that his part is there.
        for task in tasks { #expect(await storeError { try await task.value } == .full) }
        #expect(try database.notes() == [])
        #expect(try await database.read { try $0.totals() } == [:])
        #expect(callbacks.committed.isEmpty && callbacks.failures.isEmpty)

        try await writer.write { try $0.connection.execute("PRAGMA max_page_count = 100000") }
        try await writer.write { try $0.note(big) }
        #expect(try database.notes() == [big])
    }

    @Test func `Work that hides that the transaction was undone cannot write on its own`() async throws {
        let error = await storeError {
            try await writer.write { transaction in
                try transaction.connection.execute("PRAGMA max_page_count = 40")
                try? transaction.note(String(repeating: "x", count: 1 << 20))
                #expect(!transaction.connection.isInTransaction)
                try? transaction.attempt { try $0.note("stray") }
            }
        }
        #expect(error != nil)
        #expect(try database.notes() == [])
    }

    @Test func `Without memory work is refused for now`() async throws {
        await #expect(processExitsWith: .success) { [path = directory.path + "/other" as String] in
            let callbacks = Callbacks()
            let database = try Database(in: path, callbacks: callbacks)
            let error = await storeError {
                try await database.writer.write { transaction in
                    try transaction.connection.execute("PRAGMA hard_heap_limit = 3000000")
                    try transaction.note(String(repeating: "x", count: 8 << 20))
                }
            }
            #expect(error?.isInfrastructure == true, "\(error.map(String.init(describing:)) ?? "no error")")
            #expect(error?.isFinal == false)
            try await database.writer.write { try $0.note("small") }
            #expect(try database.notes() == ["small"])
            #expect(callbacks.failures.isEmpty)
        }
    }

    @Test(arguments: [StoreError.inputOutput("fsync"), .corrupt("page 7")])
    func `Faults 25 and 28, an error that nothing can survive: the answer to everything behind it`(error: StoreError) async throws {
        let hold = await writer.hold()
        let before = writer.submit { try $0.note("before") }
        let failing = writer.submit { _ in throw error }
        // More than one commit takes, so that some of it is still queued.
        let behind = (0..<600).map { _ in writer.submit { try $0.emit() } }
        try await hold.letGo()
        try await before.value
        #expect(await storeError { try await failing.value } == error)
        for task in behind.suffix(90) { #expect(await storeError { try await task.value } == error) }
        for _ in 0..<3 { #expect(await storeError { try await writer.write { try $0.note("later") } } == error) }
        await onThread { [database] in database.close() }
        #expect(callbacks.failures == [error])
        #expect(try RawDatabase(database.path).query("SELECT text FROM note") == [["before"]])
    }

    @Test func `Fault 28, a corrupt database page met while running: ends the writer, once, for everybody`() async throws {
        try await writer.write { transaction in
            for i in 0..<200 { try transaction.note("\(i)" + String(repeating: "x", count: 4000)) }
        }
        await onThread { [database] in database.close() }
        let other = directory.path + "/damaged"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: database.path, toPath: other + "/saga.db")

        let damaged = try Database(in: other, callbacks: callbacks)
        let length = try Data(contentsOf: URL(filePath: database.path)).count
        let file = open(damaged.path, O_WRONLY)
        // Closed only at the end: closing any descriptor of a file gives up the process's locks on it (fcntl(2)).
        defer { close(file) }
        let garbage = [UInt8](repeating: 0xA5, count: length - 4096)
        try #require(pwrite(file, garbage, garbage.count, 4096) == garbage.count)

        let hold = await damaged.writer.hold()
        let reading = damaged.writer.submit { transaction in
            try transaction.connection.execute("PRAGMA shrink_memory")
            return try transaction.notes().count
        }
        let queued = (0..<600).map { i in damaged.writer.submit { try $0.note("late \(i)") } }
        try await hold.letGo()
        let error = try #require(await storeError { try await reading.value })
        #expect(error.isCorrupt)
        var behind: [StoreError?] = []
        for task in queued { behind.append(await storeError { try await task.value }) }
        #expect(behind.suffix(89).allSatisfy { $0?.isCorrupt == true })
        for _ in 0..<3 { #expect(await storeError { try await damaged.writer.write { try $0.note("later") } } == error) }
        #expect(callbacks.failures == [error])
        await onThread { damaged.close() }
    }

    @Test(.enabled(if: geteuid() == 0, "needs the right to mount"))
    func `Fault 24, disk full: what does not fit is refused, and it heals when there is space`() async throws {
        let disk = try SmallDisk(at: directory.path + "/disk", pages: 4096)
        let database = try Database(in: disk.path + "/order", callbacks: callbacks)
        try await database.writer.write { try $0.note("before") }
        try disk.fill(leaving: 3)
        let error = await storeError { try await database.writer.write { try $0.note(String(repeating: "x", count: 100_000)) } }
        #expect(error == .full)
        try disk.fill(leaving: 1000)
        try await database.writer.write { try $0.note("after") }
        #expect(try database.notes() == ["before", "after"])
        #expect(callbacks.failures.isEmpty)
        await onThread { database.close() }
    }

    /// The index of the write-ahead log grows by 32 KiB at its 4063rd page, which may be the one thing that does not fit.
    @Test(.enabled(if: geteuid() == 0, "needs the right to mount"))
    func `Fault 24, disk full: no space for the index of the log is full, not broken`() async throws {
        let disk = try SmallDisk(at: directory.path + "/disk", pages: 16384)
        let database = try Database(in: disk.path + "/order", callbacks: callbacks)
        // A reader that stays keeps the log from starting anew.
        let reader = try RawDatabase(database.path)
        try reader.query("BEGIN")
        try reader.query("SELECT count(*) FROM note")
        try await database.writer.write { transaction in
            try transaction.note("large")
            try transaction.connection.run("UPDATE note SET answer = zeroblob(?)", .integer(4020 * 4096))
        }
        var refusal: StoreError?
        for i in 0..<200 where refusal == nil {
            // Enough for a small commit, not for eight pages.
            try disk.fill(leaving: 7)
            refusal = await storeError { try await database.writer.write { try $0.note("\(i)") } }
        }
        #expect(refusal == .full)
        #expect(callbacks.failures.isEmpty)
        try disk.fill(leaving: 4000)
        try await database.writer.write { try $0.note("after") }
        #expect(try database.notes().last == "after")
        try reader.query("COMMIT")
        await onThread { database.close() }
    }
}
