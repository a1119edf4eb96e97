import Posix
import SagaTestSupport
import Testing

@testable import PostgreSQL

/// Two sessions, step by step.
@Suite struct ConflictTests {
    private let server: PostgreSQLServer
    private let database: String
    private let one, other: PostgreSQLSession

    init() async throws {
        server = try await .shared
        database = try await server.makeDatabase()
        one = try server.session(database)
        other = try server.session(database) { $0.lockTimeout = .milliseconds(50) }
        try one.execute("CREATE TABLE t (x bigint PRIMARY KEY, y bigint); INSERT INTO t VALUES (1, 0), (2, 0)")
    }

    @Test func `a key that another has inserted first is a conflict`() throws {
        try one.query("INSERT INTO t VALUES (3, 0)")
        let error = failure { try other.query("INSERT INTO t VALUES (3, 0)") }
        #expect(error?.kind == .conflict && error?.state == "23505" && error?.isCommitInDoubt == false)
    }

    @Test func `a row that another has changed since it was read is a conflict`() throws {
        try one.post("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try one.query("SELECT y FROM t")
        try other.query("UPDATE t SET y = 1")
        #expect(failure { try one.query("UPDATE t SET y = 2") }?.state == "40001")
        try one.query("ROLLBACK")
        #expect(PostgreSQLError(state: "40001", "").kind == .conflict)
    }

    @Test func `a row that another keeps is a conflict after lock_timeout`() throws {
        try one.post("BEGIN")
        try one.query("SELECT y FROM t FOR UPDATE")
        let error = failure { try other.query("UPDATE t SET y = 2") }
        #expect(error?.kind == .conflict && error?.state == "55P03")
        #expect(failure { try other.query("SELECT y FROM t FOR UPDATE NOWAIT") }?.kind == .conflict)
        try one.query("COMMIT")
        #expect(try other.query("UPDATE t SET y = 2") == 2)
    }

    @Test func `two that wait for each other: one of them has a conflict, the other goes on`() async throws {
        try one.post("BEGIN")
        try one.query("UPDATE t SET y = 1 WHERE x = 1")
        let outcomes = Observed<[PostgreSQLError?]>([])
        let holds = Observed(false)
        DedicatedThread.start { [server, database] in
            let error = failure {
                let session = try server.session(database)
                try session.post("BEGIN")
                try session.query("UPDATE t SET y = 2 WHERE x = 2")
                holds.change { $0 = true }
                try session.query("UPDATE t SET y = 2 WHERE x = 1")
                try session.query("COMMIT")
            }
            outcomes.append(error)
        }
        _ = try await holds.wait(for: "the other's lock") { $0 ? true : nil }
        let error = failure {
            try one.query("UPDATE t SET y = 1 WHERE x = 2")
            try one.query("COMMIT")
        }
        if error != nil { try one.query("ROLLBACK") }
        let both = try await outcomes.wait(for: 1) + [error]
        #expect(both.compactMap(\.self).map(\.state) == ["40P01"])
        #expect(both.compactMap(\.self).map(\.kind) == [.conflict])
    }

    @Test func `a statement that takes too long is ended by the server, and the session goes on`() throws {
        let session = try server.session(database) { $0.statementTimeout = .seconds(1) }
        #expect(failure { try session.query("SELECT pg_sleep(60)") }?.kind == .timedOut)
        #expect(try session.integers("SELECT 1") == [1])
        #expect(failure { try session.execute("SELECT pg_sleep(60)") }?.kind == .timedOut)
        // A script may take longer.
        try session.execute("SELECT pg_sleep(1.2)", within: .seconds(60))
        #expect(try session.first("SELECT current_setting('statement_timeout')") { $0.text(0) } == "1s")
    }
}
