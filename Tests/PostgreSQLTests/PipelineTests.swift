import SagaTestSupport
import Testing

@testable import PostgreSQL

@Suite struct PipelineTests {
    private let session: PostgreSQLSession

    init() async throws {
        session = try await PostgreSQLServer.shared.session()
        try session.execute("CREATE TEMPORARY TABLE t (x bigint PRIMARY KEY, y text)")
    }

    private func insert(_ x: Int64, _ y: String = "") throws(PostgreSQLError) {
        try session.post("INSERT INTO t VALUES (?, ?)", [.integer(x), .text(y)])
    }

    @Test func `a transaction of any size takes two round trips`() throws {
        for _ in 0..<2 {
            let before = session.roundTrips
            try session.post("BEGIN")
            try session.query("SELECT x FROM t")
            for x in 1...100 { try insert(Int64(x)) }
            try session.post("DELETE FROM t")
            try session.query("COMMIT")
            #expect(session.roundTrips - before == 2)
            #expect(session.transactionStatus == .idle)
        }
    }

    @Test func `the error of what was posted comes with the next query, and rolling back leaves the session usable`() throws {
        try session.query("BEGIN")
        try insert(1)
        try insert(1)
        #expect(session.transactionStatus == .active)
        #expect(failure { _ = try session.integers("SELECT count(*) FROM t") }?.kind == .conflict)
        #expect(session.transactionStatus == .inFailedTransaction)
        #expect(failure { _ = try session.integers("SELECT 1") }?.state == "25P02")
        try session.query("ROLLBACK")
        try insert(1)
        try session.flush()
        #expect(try session.integers("SELECT count(*) FROM t") == [1])
    }

    @Test func `flushing throws it, too, and without anything posted does nothing`() throws {
        let before = session.roundTrips
        try session.flush()
        #expect(session.roundTrips == before)
        try session.post("SELECT 1 / 0")
        #expect(failure { try session.flush() }?.state == "22012")
        try session.flush()
    }

    @Test func `after a savepoint what failed can be undone alone`() throws {
        try session.post("BEGIN")
        try insert(1)
        try session.post("SAVEPOINT part")
        try insert(1)
        #expect(failure { try session.flush() }?.kind == .conflict)
        try session.post("ROLLBACK TO part")
        try insert(2)
        try session.query("COMMIT")
        #expect(try session.integers("SELECT x FROM t ORDER BY x") == [1, 2])
    }

    @Test func `a statement that was skipped or wrong is prepared again`() throws {
        try session.post("SELECT 1 / 0")
        try insert(1)
        #expect(failure { try session.flush() }?.state == "22012")
        try insert(1)
        try session.flush()
        for _ in 0..<2 { #expect(failure { try session.query("SELECT x FROM later") }?.state == "42P01") }
        try session.execute("CREATE TEMPORARY TABLE later (x bigint)")
        #expect(try session.query("SELECT x FROM later") == 0)
    }

    @Test func `outside a transaction what was posted together is undone together`() throws {
        try insert(1)
        try insert(2)
        try insert(1)
        #expect(failure { try session.flush() }?.kind == .conflict)
        #expect(try session.integers("SELECT count(*) FROM t") == [0])
    }

    @Test func `a COMMIT of what has failed is an error, though PostgreSQL answers it with ROLLBACK`() throws {
        try session.query("BEGIN")
        try insert(1)
        #expect(failure { try session.query("SELECT 1 / 0") }?.state == "22012")
        #expect(failure { try session.query("COMMIT") }?.state == "25P02")
        #expect(session.transactionStatus == .idle)
        #expect(try session.integers("SELECT count(*) FROM t") == [0])
    }

    @Test func `neither what is sent nor what comes back fills up anything`() throws {
        // Much more than the sockets hold, in both directions at once.
        let text = String(repeating: "x", count: 20_000)
        for x in 0..<2000 { try session.post("SELECT ?, ?", [.integer(Int64(x)), .text(text)]) }
        try session.flush()
        #expect(session.transactionStatus == .idle)
    }

    @Test func `a statement for a table that was changed meanwhile is a conflict, and right the next time`() async throws {
        let server = try await PostgreSQLServer.shared
        let database = try await server.makeDatabase()
        let (one, other) = try (server.session(database), server.session(database))
        try other.execute("CREATE TABLE changing (x bigint)")
        #expect(try one.query("SELECT * FROM changing") == 0)
        try other.execute("ALTER TABLE changing ADD COLUMN y text")
        #expect(failure { try one.query("SELECT * FROM changing") }?.kind == .conflict)
        #expect(try one.query("SELECT * FROM changing") == 0)
    }

    @Test func `a script runs all of its statements or none, and what was posted before it first`() throws {
        try insert(1)
        try session.execute("INSERT INTO t VALUES (2); INSERT INTO t VALUES (3);")
        #expect(failure { try session.execute("INSERT INTO t VALUES (4); SELECT 1 / 0; INSERT INTO t VALUES (5)") }?.state == "22012")
        #expect(try session.integers("SELECT x FROM t ORDER BY x") == [1, 2, 3])
        #expect(session.transactionStatus == .idle)
    }
}
