import PostgreSQL
import SagaStore
import SagaTestSupport
import Store
import Testing

@testable import InventoryService

/// Who writes a database, and what becomes of what fails.
@Suite struct PostgreSQLWriterTests {
    /// Ways for a piece of work to fail.
    enum Failure: CaseIterable, Sendable {
        case statement, read, duplicate, postedDuplicate, thrown

        struct Error: Swift.Error {}

        func happen(in transaction: Transaction) throws {
            // One that has written something is repeated with savepoints in any case.
            if self != .read { try transaction.note("half of it") }
            switch self {
            case .statement: try transaction.connection.execute("INSERT INTO nowhere VALUES (1)")
            case .read: _ = try transaction.connection.first("SELECT 1 FROM nowhere") { _ in true }
            case .duplicate: try transaction.note("half of it")
            case .postedDuplicate: try transaction.connection.post("INSERT INTO note (text) VALUES (?)", .text("half of it"))
            case .thrown: throw Error()
            }
        }
    }

    @Test(arguments: TestEngine.allCases, Failure.allCases)
    func `A job that fails is undone alone, wherever it is among others`(engine: TestEngine, failure: Failure) async throws {
        for failing in 0...2 {
            let place = try await engine.place()
            let database = try place.database()
            let hold = await database.writer.hold()
            let jobs = (0...2).map { number in
                database.writer.submit { transaction in
                    if number == failing { try failure.happen(in: transaction) } else { try transaction.note("\(number)") }
                }
            }
            try await hold.letGo()
            for (number, job) in jobs.enumerated() {
                switch await job.result {
                case .success: #expect(number != failing)
                case .failure(let error):
                    #expect(number == failing, "\(error)")
                    // Not a matter of time: it fails for ever.
                    #expect((error as? StoreError)?.isInfrastructure != true, "\(error)")
                }
            }
            #expect(try await database.read { try $0.notes() } == (0...2).filter { $0 != failing }.map(String.init))
            // The writer goes on.
            try await database.writer.write { try $0.note("later") }
        }
    }

    @Test func `Fault 57, what was answered is there after each death of the server, and nothing that failed is`() async throws {
        let server = try await PostgreSQLServer()
        let place = try await EnginePlace(on: server)
        let database = try place.database()
        let written = Observed<[String]>([])
        let failed = Observed<[String]>([])
        let unexpected = Observed<[StoreError]>([])
        let writers = (0..<8).map { writer in
            Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    let text = "\(writer)-\(number)"
                    do {
                        try await database.writer.write { try $0.note(text) }
                        written.append(text)
                    } catch {
                        failed.append(text)
                        if let error = error as? StoreError, case .unavailable = error {
                        } else {
                            unexpected.append(error as? StoreError ?? .failed("\(error)"))
                        }
                        // Time for the server.
                        try? await Task.sleep(for: .milliseconds(10))
                    }
                }
            }
        }
        for death in 1...4 {
            let count = written.state.count
            _ = try await written.wait(for: "writes", within: .seconds(60)) { $0.count > count + 40 ? true : nil }
            if death < 4 { try await server.restart() }
        }
        for writer in writers { writer.cancel() }
        for writer in writers { await writer.value }
        #expect(unexpected.state == [])
        #expect(!failed.state.isEmpty)
        let notes = try await database.read { try $0.notes() }
        #expect(notes.count == Set(notes).count)
        #expect(Set(notes) == Set(written.state))
        database.close()
    }

    @Test func `A second writer is refused, in another directory as well, until the first has gone`() async throws {
        let place = try await TestEngine.postgresql.place()
        let first = try place.database()
        let elsewhere = try TestDirectory()
        #expect(throws: StoreError.anotherInstance(using: place.directory.path)) { try place.database() }
        let error = await storeError { try place.database(directory: elsewhere) }
        guard case .anotherInstance(let who)? = error else { throw Unexpected(error: error) }
        #expect(who.contains("test"))
        try await first.writer.write { try $0.note("1") }
        first.close()
        let second = try place.database(directory: elsewhere)
        #expect(!second.isNew)
        #expect(try await second.read { try $0.notes() } == ["1"])
    }

    @Test func `A database of another service, of another program or of a newer version is refused, and left as it is`() async throws {
        let place = try await TestEngine.postgresql.place()
        try place.database().close()
        #expect(await storeError { try place.database(schema: .inventory) }.map(\.isForeign) == true)
        try place.session().execute("UPDATE schema_version SET version = 99")
        let supported = Int64(Schema.notes.migrations.count)
        #expect(throws: StoreError.newerSchema(found: 99, supported: supported)) { try place.database() }

        let other = try await TestEngine.postgresql.place()
        try other.session().execute("CREATE TABLE theirs (x bigint)")
        #expect(await storeError { try other.database() }.map(\.isForeign) == true)
        let tables = try other.tables()
        #expect(tables == ["theirs"])
    }

    @Test func `Somebody who changes the user's rights keeps the service from reading for a while, and does not end it`() async throws {
        let server = try await PostgreSQLServer.shared
        let name = try await server.makeDatabase()
        try await server.run("CREATE ROLE \(name) LOGIN PASSWORD 'secret'")
        try await server.run("GRANT ALL ON SCHEMA public TO \(name)", database: name)
        let place = try EnginePlace(connection: server.connection(database: name, user: name), password: "secret")
        let database = try place.database()
        try await server.run("ALTER ROLE \(name) NOLOGIN")
        let error = await storeError { try await database.read { try $0.notes() } }
        guard case .unavailable? = error else { throw Unexpected(error: error) }
        try await database.writer.write { try $0.note("1") }
        try await server.run("ALTER ROLE \(name) LOGIN")
        #expect(try await database.read { try $0.notes() } == ["1"])
    }

    private struct Unexpected: Error {
        let error: StoreError?
    }
}

extension EnginePlace {
    fileprivate func tables() throws -> [String?] {
        var tables: [String?] = []
        try session().query("SELECT CAST(tablename AS text) FROM pg_tables WHERE schemaname = 'public'") {
            tables.append($0.text(0))
            return true
        }
        return tables
    }
}

extension StoreError {
    fileprivate var isForeign: Bool { if case .foreignDatabase = self { true } else { false } }
}
