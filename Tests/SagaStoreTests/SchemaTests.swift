import Saga
import SagaStore
import Testing

@Suite struct SchemaTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func schema(_ later: String...) -> Schema {
        Schema("CREATE TABLE step (name TEXT NOT NULL) STRICT; INSERT INTO step VALUES ('first');", later: later)
    }

    private func open(_ schema: Schema) throws -> (steps: [String], version: Int64?) {
        try Database(in: directory.path, schema: schema).read { snapshot in
            (
                try snapshot.connection.all("SELECT name FROM step ORDER BY rowid") { $0.text(0) },
                try snapshot.connection.first("PRAGMA user_version") { $0.integer(0) }
            )
        }
    }

    @Test func `Each migration is applied once, whatever version is met`() throws {
        let second = "INSERT INTO step VALUES ('second');"
        let third = "INSERT INTO step VALUES ('third');"
        #expect(try open(schema()) == (["first"], 1))
        #expect(try open(schema()) == (["first"], 1))
        #expect(try open(schema(second)) == (["first", "second"], 2))
        #expect(try open(schema(second)) == (["first", "second"], 2))
        #expect(try open(schema(second, third)) == (["first", "second", "third"], 3))
        #expect(throws: StoreError.newerSchema(found: 3, supported: 2)) { try open(schema(second)) }
        #expect(try open(schema(second, third)) == (["first", "second", "third"], 3))
    }

    @Test func `A new database gets all migrations at once`() throws {
        #expect(try open(schema("INSERT INTO step VALUES ('second');")) == (["first", "second"], 2))
    }

    @Test func `Migrations are applied all or not at all`() throws {
        _ = try open(schema())
        let broken = schema(
            "INSERT INTO step VALUES ('second');", "CREATE TABLE late (a INTEGER) STRICT; INSERT INTO late VALUES ('text');")
        #expect(throws: StoreError.self) { try open(broken) }
        #expect(try open(schema()) == (["first"], 1))
        let raw = try RawDatabase(directory.path + "/saga.db")
        #expect(try raw.query("SELECT name FROM sqlite_schema WHERE name = 'late'") == [])
        #expect(try raw.query("PRAGMA user_version") == [["1"]])
    }
}
