import SagaTestSupport
import Saga
import SagaStore
import Store
import Testing
import Wire

@Suite struct SchemaTests {
    private let directory: TestDirectory

    init() throws {
        directory = try TestDirectory()
    }

    private func schema(_ later: String...) -> Schema {
        Schema("CREATE TABLE step (name TEXT NOT NULL) STRICT; INSERT INTO step VALUES ('first');", later: later)
    }

    private func open(_ schema: Schema) throws -> (steps: [String], version: Int64?) {
        try Database(in: directory.path, schema: schema).read { snapshot in
            (
                try snapshot.connection.all("SELECT name FROM step ORDER BY rowid") { try $0.text(0) },
                try snapshot.connection.first("PRAGMA user_version") { try $0.integer(0) }
            )
        }
    }

    @Test func `Each migration is applied once, whatever version is met`() throws {
        let second = "INSERT INTO step VALUES ('second');"
        let third = "INSERT INTO step VALUES ('third');"
        #expect(try open(schema()) == (["first"], 5))
        #expect(try open(schema()) == (["first"], 5))
        #expect(try open(schema(second)) == (["first", "second"], 6))
        #expect(try open(schema(second)) == (["first", "second"], 6))
        #expect(try open(schema(second, third)) == (["first", "second", "third"], 7))
        #expect(throws: StoreError.newerSchema(found: 7, supported: 6)) { try open(schema(second)) }
        #expect(try open(schema(second, third)) == (["first", "second", "third"], 7))
    }

    @Test func `A new database gets all migrations at once`() throws {
        #expect(try open(schema("INSERT INTO step VALUES ('second');")) == (["first", "second"], 6))
    }

    @Test func `Migrations are applied all or not at all`() throws {
        _ = try open(schema())
        let broken = schema(
            "INSERT INTO step VALUES ('second');", "CREATE TABLE late (a INTEGER) STRICT; INSERT INTO late VALUES ('text');")
        #expect(throws: StoreError.self) { try open(broken) }
        #expect(try open(schema()) == (["first"], 5))
        let raw = try RawDatabase(directory.path + "/saga.db")
        #expect(try raw.query("SELECT name FROM sqlite_schema WHERE name = 'late'") == [])
        #expect(try raw.query("PRAGMA user_version") == [["5"]])
    }

    @Test func `Dead letters and positions of the first version are kept, and hold up nothing`() async throws {
        let path = directory.path + "/old.db"
        do {
            let raw = try RawDatabase(path)
            try raw.query(
                """
                CREATE TABLE dead_letter (
                    id BLOB PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, record_offset INTEGER NOT NULL, record_key BLOB,
                    order_id BLOB, headers TEXT NOT NULL, value BLOB, reason TEXT NOT NULL, attempts INTEGER NOT NULL,
                    created_at INTEGER NOT NULL, resolved_at INTEGER, UNIQUE (topic, partition, record_offset)
                ) STRICT, WITHOUT ROWID
                """)
            try raw.query(
                """
                INSERT INTO dead_letter VALUES
                (x'00000000000000000000000000000001', 'order-events', 2, 7, x'6B', x'0000000000000000000000000000000A', '', x'00FF', 'because', 3, 5, NULL),
                (x'00000000000000000000000000000002', 'order-events', 2, 8, NULL, NULL, '', NULL, 'settled', 1, 6, 7)
                """)
            try raw.query(
                "CREATE TABLE position (source TEXT PRIMARY KEY, log_id BLOB NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID")
            try raw.query("INSERT INTO position VALUES ('payment', x'0000000000000000000000000000000B', 12)")
            try raw.query("PRAGMA user_version = 1")
        }
        let connection = try SQLiteConnection(path: path, role: .writer)
        try Schema("").migrate(connection)
        let letters = try Snapshot(connection).deadLetters(limit: 10)
        let record = IncomingRecord(
            topic: "order-events", partition: 2, offset: 7, key: [0x6B], attributes: .headers([]), value: [0, 0xFF])
        #expect(letters.map(\.record) == [record])
        #expect(letters.map(\.kind) == [.unreadable] && letters.map(\.orderID) == [OrderID(bits: 10)])
        #expect(letters.map(\.reason) == ["because"] && letters.map(\.attempts) == [3])
        #expect(letters.map(\.createdAt) == [Timestamp(microseconds: 5)])
        #expect(try Snapshot(connection).position(in: .payment) == LogPosition(logID: 11, seq: 12))
    }

    /// In a table without rowid each look for a row compares whole rows (sqlite.org/withoutrowid.html): with some hundred dead letters of
    /// 900 KB a further one took seconds.
    @Test(arguments: ["dead_letter", "outbox"])
    func `what may be large is in an ordinary table, behind everything else`(_ table: String) throws {
        let connection = try SQLiteConnection(path: directory.path + "/saga.db", role: .writer)
        try Schema("").migrate(connection)
        let name = SQLValue.text(table)
        #expect(try connection.first("SELECT wr FROM pragma_table_list WHERE name = ?", name) { try $0.integer(0) } == 0)
        let columns = try connection.all("SELECT name FROM pragma_table_info(?) ORDER BY cid", name) { try $0.text(0) }
        if table == "dead_letter" { #expect(columns.last == "value") }
    }
}
