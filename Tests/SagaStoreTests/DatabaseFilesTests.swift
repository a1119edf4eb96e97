import SagaTestSupport
import Foundation
import Saga
import SagaStore
import Store
import Testing

/// A database is the right one, stays the one that is in use, and is nobody else's.
@Suite struct DatabaseFilesTests {
    private let directory: TestDirectory

    init() throws {
        directory = try TestDirectory()
    }

    private static let other = Schema("CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT;")

    @Test func `Another service's database is refused and left alone`() async throws {
        let database = try Database(in: directory.path, schema: Self.other)
        await onThread { database.close() }
        let before = try Data(contentsOf: URL(filePath: database.path))
        let error = #expect(throws: StoreError.self) { try Database(in: directory.path) }
        guard case .foreignDatabase? = error else {
            Issue.record("\(error.map(String.init(describing:)) ?? "no error")")
            return
        }
        #expect(error?.isFinal == true)
        #expect(try Data(contentsOf: URL(filePath: database.path)) == before)
    }

    @Test func `A database of 0.1.0, which has no mark, is known by its tables and then marked`() async throws {
        for schema in [Schema.notes, Self.other] {
            let directory = try TestDirectory()
            let database = try Database(in: directory.path, schema: schema)
            await onThread { database.close() }
            let file = directory.path + "/saga.db"
            let mark = try RawDatabase(file).query("PRAGMA application_id")
            #expect(mark != [["0"]])
            try RawDatabase(file).query("PRAGMA application_id = 0")
            if schema.migrations == Schema.notes.migrations {
                let again = try Database(in: directory.path)
                await onThread { again.close() }
                #expect(try RawDatabase(file).query("PRAGMA application_id") == mark)
            } else {
                #expect(throws: StoreError.self) { try Database(in: directory.path) }
                #expect(try RawDatabase(file).query("PRAGMA application_id") == [["0"]])
            }
        }
    }

    @Test func `Another program's database is refused`() throws {
        try RawDatabase(directory.path + "/saga.db").query("CREATE TABLE note (id INTEGER)")
        #expect(throws: StoreError.self) { try Database(in: directory.path) }
    }

    @Test(arguments: ["saga.db", "saga.db-wal", "saga.db-shm", "lock"])
    func `Fault 49, a file removed or replaced while running: found out, and the end for everybody`(_ name: String) async throws {
        for isReplaced in [false, true] {
            let directory = try TestDirectory()
            let callbacks = Callbacks()
            let database = try Database(in: directory.path, callbacks: callbacks)
            try await database.writer.write { try $0.note("kept") }
            database.checkFiles()
            #expect(callbacks.failures.isEmpty)

            let file = "\(directory.path)/\(name)"
            try FileManager.default.moveItem(atPath: file, toPath: file + ".away")
            if isReplaced { try Data().write(to: URL(filePath: file)) }
            await onThread { database.checkFiles() }
            #expect(callbacks.failures == [.replaced(file)])
            #expect(await storeError { try await database.writer.write { try $0.note("more") } } == .replaced(file))
            if name != "saga.db", !isReplaced {
                #expect(try Database(in: directory.path).notes() == ["kept"], "what was in a removed log is saved")
            }
        }
    }

    @Test func `Fault 49, a removed lock: admits nobody`() async throws {
        let database = try Database(in: directory.path)
        try FileManager.default.removeItem(atPath: directory.path + "/lock")
        #expect(throws: StoreError.anotherInstance(using: directory.path)) { try Database(in: directory.path) }
        #expect(try database.notes() == [])
    }

    @Test func `A directory that others can write is refused, and so is a database`() async throws {
        try Database(in: directory.path).close()
        try #require(chmod(directory.path + "/saga.db", 0o666) == 0)
        #expect((#expect(throws: StoreError.self) { try Database(in: directory.path) })?.isUnusableDirectory == true)
        try #require(chmod(directory.path + "/saga.db", 0o644) == 0)
        try Database(in: directory.path).close()
        try #require(chmod(directory.path, 0o777) == 0)
        #expect((#expect(throws: StoreError.self) { try Database(in: directory.path) })?.isUnusableDirectory == true)
        #expect(chmod(directory.path, 0o700) == 0)
    }
}
