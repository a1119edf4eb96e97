import SagaTestSupport
import Foundation
import Saga
import SagaStore
import Store
import Testing

@Suite struct DatabaseTests {
    private let directory: TestDirectory

    init() throws {
        directory = try TestDirectory()
    }

    /// Opens, writes and closes, so that everything is in the one file.
    private func makeDatabase(notes: Int = 1) async throws {
        let database = try Database(in: directory.path)
        try await database.writer.write { transaction in
            for i in 0..<notes { try transaction.note("\(i) " + String(repeating: "x", count: 1000)) }
        }
        await onThread { database.close() }
    }

    private var file: String { directory.path + "/saga.db" }

    @Test func `A directory has one database at a time`() throws {
        let first = try Database(in: directory.path)
        #expect(throws: StoreError.anotherInstance(using: directory.path)) { try Database(in: directory.path) }
        #expect(try first.notes() == [])
    }

    @Test func `A second process is kept out and does no harm`() async throws {
        let database = try Database(in: directory.path)
        try await database.writer.write { try $0.note("mine") }
        await #expect(processExitsWith: .exitCode(75)) { [path = directory.path as String] in
            do {
                _ = try Database(in: path)
            } catch StoreError.anotherInstance(let directory) where directory == path {
                exit(75)
            }
        }
        try await database.writer.write { try $0.note("still mine") }
        #expect(try database.notes() == ["mine", "still mine"])
    }

    @Test func `A database that is released can be opened again`() async throws {
        for i in 0..<3 {
            let database = try Database(in: directory.path)
            #expect(database.isNew == (i == 0))
            try await database.writer.write { try $0.note("\(i)") }
            await onThread { database.close() }
        }
        #expect(try Database(in: directory.path).notes() == ["0", "1", "2"])
    }

    @Test func `A failed start lets go of the directory`() throws {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) { try Database(in: directory.path, initialize: { _ in throw Refusal() }) }
        #expect(try Database(in: directory.path).isNew)
    }

    @Test func `What makes a database is done once, and again only when it failed`() throws {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) {
            try Database(
                in: directory.path,
                initialize: {
                    try $0.note("half")
                    throw Refusal()
                })
        }
        for i in 0..<3 {
            let database = try Database(in: directory.path, initialize: { try $0.note("made at start \(i)") })
            #expect(try database.notes() == ["made at start 0"])
        }
    }

    @Test func `A database keeps the id of its log`() throws {
        let ids = try (0..<2).map { _ in try Database(in: directory.path).read { try $0.logID() } }
        #expect(ids[0] != nil && ids[0] == ids[1])
        let other = try TestDirectory()
        #expect(try Database(in: other.path).read { try $0.logID() } != ids[0])
    }

    @Test func `Directories are made closed to others, and so are the files`() async throws {
        // The mask is the process's, so it is set in one that has nothing else to do.
        await #expect(processExitsWith: .success) { [path = directory.path as String] in
            umask(0o022)
            let database = try Database(in: path + "/deep/order")
            try await database.writer.write { try $0.note("a") }
            _ = try database.notes()
            func mode(_ name: String) -> mode_t {
                var status = stat()
                return stat(path + name, &status) == 0 ? status.st_mode & 0o7777 : 0o7777
            }
            for directory in ["/deep", "/deep/order"] { #expect(mode(directory) == 0o750, "\(directory)") }
            for file in ["lock", "saga.db", "saga.db-wal", "saga.db-shm"] {
                #expect(mode("/deep/order/" + file) & ~0o640 == 0, "\(file)")
            }
        }
    }

    @Test func `A relative directory is one below the working directory`() async throws {
        await #expect(processExitsWith: .success) { [path = directory.path as String] in
            try #require(chdir(path) == 0)
            let name = "state-\(getpid())"
            let database = try Database(in: name + "/order")
            #expect(access(path + "/\(name)/order/saga.db", F_OK) == 0)
            #expect(access("/\(name)", F_OK) != 0)
            _ = database
        }
    }

    @Test func `A directory that cannot be made is named`() throws {
        try Data().write(to: URL(filePath: directory.path + "/file"))
        let error = #expect(throws: StoreError.self) { try Database(in: directory.path + "/file/order") }
        #expect(error?.isUnusableDirectory == true)
        #expect(error?.description.contains(directory.path + "/file") == true)
    }

    @Test func `A newer schema is refused and left alone`() async throws {
        try await makeDatabase()
        try RawDatabase(file).query("PRAGMA user_version = 99")
        let before = try Data(contentsOf: URL(filePath: file))
        #expect(throws: StoreError.newerSchema(found: 99, supported: 5)) { try Database(in: directory.path) }
        #expect(try Data(contentsOf: URL(filePath: file)) == before)
    }

    @Test func `A schema version that no program writes is damage`() async throws {
        try await makeDatabase()
        try RawDatabase(file).query("PRAGMA user_version = -1")
        await #expect(processExitsWith: .exitCode(65)) { [path = directory.path as String] in
            do {
                _ = try Database(in: path)
            } catch StoreError.corrupt {
                exit(65)
            }
        }
    }

    enum Damage: String, CaseIterable {
        case garbage, header, truncated, page, lastPage
    }

    @Test(arguments: Damage.allCases)
    func `Fault 28, a corrupt database page: found at the start and left alone`(damage: Damage) async throws {
        try await makeDatabase(notes: 200)
        var bytes = try Data(contentsOf: URL(filePath: file))
        try #require(bytes.count > 40 * 4096)
        switch damage {
        case .garbage: bytes = Data((0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        case .header: bytes.replaceSubrange(0..<16, with: Data(repeating: 0, count: 16))
        case .truncated: bytes = bytes.prefix(10 * 4096 + 100)
        case .page: bytes.replaceSubrange(4 * 4096..<5 * 4096, with: Data(repeating: 0xA5, count: 4096))
        case .lastPage: bytes.replaceSubrange((bytes.count - 4096)..., with: Data(repeating: 0xA5, count: 4096))
        }
        try bytes.write(to: URL(filePath: file))

        let error = #expect(throws: StoreError.self) { try Database(in: directory.path) }
        #expect(error?.isCorrupt == true, "\(error.map(String.init(describing:)) ?? "no error")")
        #expect(error?.isFinal == true)
        #expect(try Data(contentsOf: URL(filePath: file)) == bytes)
    }

    @Test func `One read sees one state, whatever is written meanwhile`() async throws {
        let database = try Database(in: directory.path)
        try await database.writer.write { try $0.note("before") }
        let seen = try await database.read { snapshot in
            let first = try snapshot.notes()
            let written = DispatchSemaphore(value: 0)
            let task = database.writer.submit { transaction in
                try transaction.note("meanwhile")
                transaction.afterCommit { written.signal() }
            }
            written.wait()
            _ = task
            return [first, try snapshot.notes()]
        }
        #expect(seen == [["before"], ["before"]])
        #expect(try database.notes() == ["before", "meanwhile"])
    }

    @Test func `A read that throws leaves its connection usable`() async throws {
        struct Refusal: Error {}
        let database = try Database(in: directory.path)
        for i in 0..<10 {
            #expect(throws: Refusal.self) {
                try database.read { snapshot in
                    _ = try snapshot.notes()
                    throw Refusal()
                }
            }
            try await database.writer.write { try $0.note("\(i)") }
            #expect(try database.notes().count == i + 1)
        }
    }

    @Test func `Many read at once`() async throws {
        let database = try Database(in: directory.path)
        try await database.writer.write { try $0.note("a") }
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 { group.addTask { try database.notes() } }
            for try await notes in group { #expect(notes == ["a"]) }
        }
    }

    @Test func `Fault 35, file descriptors exhausted: reading fails for now, and writing goes on`() async throws {
        await #expect(processExitsWith: .success) { [path = directory.path as String] in
            let database = try Database(in: path)
            var taken: [Int32] = []
            while case let descriptor = dup(0), descriptor >= 0 { taken.append(descriptor) }
            try await database.writer.write { try $0.note("a") }
            let error = await storeError { try database.notes() }
            for descriptor in taken { close(descriptor) }
            #expect(error?.isFinal == false)
            #expect(error?.isInfrastructure == true)
            #expect(try database.notes() == ["a"])
        }
    }
}
