import SagaTestSupport
import Testing

@testable import PostgreSQL

/// Servers that end, hang or change their roles. The timeouts are short so that the tests are; none of them is a bound for the test.
@Suite(.serialized) struct ServerFaultTests {
    private func hurried(_ settings: inout PostgreSQLSettings) {
        settings.statementTimeout = .seconds(3)
    }

    @Test func `a server that ends in a transaction is unavailable, and a new session finds what was committed`() async throws {
        let server = try await PostgreSQLServer()
        let session = try server.session()
        try session.execute("CREATE TABLE t (x bigint)")
        try session.query("INSERT INTO t VALUES (1)")
        try session.post("BEGIN")
        try session.query("INSERT INTO t VALUES (2)")
        try await server.stop()
        let error = failure { try session.query("INSERT INTO t VALUES (3)") }
        #expect(error?.kind == .unavailable && error?.isCommitInDoubt == false)
        #expect(session.transactionStatus == .lost)
        // For ever, also when the server is back.
        #expect(failure { _ = try server.session() }?.kind == .unavailable)
        try await server.restart()
        #expect(failure { try session.query("SELECT 1") }?.kind == .unavailable)
        #expect(failure { try session.flush() }?.kind == .unavailable)
        #expect(failure { try session.execute("SELECT 1") }?.kind == .unavailable)
        #expect(try server.session().integers("SELECT x FROM t") == [1])
    }

    @Test func `a server that hangs is unavailable after a while, to sessions that are there and to new ones`() async throws {
        let server = try await PostgreSQLServer()
        try await server.run("CREATE TABLE t (x bigint)")
        let (reading, committing) = try (server.session(change: hurried), server.session(change: hurried))
        try committing.post("BEGIN")
        try committing.query("INSERT INTO t VALUES (1)")
        try server.freeze()
        let read = failure { try reading.query("SELECT 1") }
        #expect(read?.kind == .unavailable && read?.isCommitInDoubt == false)
        let commit = failure { try committing.query("COMMIT") }
        #expect(commit?.kind == .unavailable && commit?.isCommitInDoubt == true)
        #expect(failure { try committing.query("SELECT 1") }?.isCommitInDoubt == false)
        let connect = failure { _ = try server.session(change: hurried) }
        #expect(connect?.kind == .unavailable && connect?.message.contains("no answer") == true)
        // Another one that is named is found behind it.
        let hosts = try await "host=\(server.directory),\(PostgreSQLServer.shared.directory) dbname=postgres user=saga"
        var settings = PostgreSQLSettings(connection: hosts, applicationName: "test")
        hurried(&settings)
        #expect(try PostgreSQLSession(settings).integers("SELECT 1") == [1])
        try server.thaw()
        #expect(try server.session().integers("SELECT 1") == [1])
    }

    @Test func `what is written outside a transaction is in doubt like a COMMIT`() async throws {
        let server = try await PostgreSQLServer.shared
        let session = try server.session()
        let id = try session.integers("SELECT pg_backend_pid()")[0] ?? 0
        try await server.run("SELECT pg_terminate_backend(\(id))")
        let error = failure { try session.query("CREATE TEMPORARY TABLE t (x bigint)") }
        #expect(error?.kind == .unavailable && error?.isCommitInDoubt == true)
    }

    @Test func `a session that the server has ended says why`() async throws {
        let server = try await PostgreSQLServer.shared
        let session = try server.session { $0.idleInTransactionTimeout = .milliseconds(20) }
        let id = try session.integers("SELECT pg_backend_pid()")[0] ?? 0
        try session.query("BEGIN")
        let watcher = try server.session()
        try await eventually("end of the session") {
            try watcher.integers("SELECT count(*) FROM pg_stat_activity WHERE pid = ?", [.integer(id)]) == [0] ? true : nil
        }
        let error = failure { try session.query("SELECT 1") }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains("idle-in-transaction timeout") == true, "\(error?.description ?? "")")
    }

    @Test func `a standby is of no use before it is promoted, and is found then`() async throws {
        let primary = try await PostgreSQLServer()
        try await primary.run("CREATE TABLE t (x bigint)")
        let standby = try await primary.makeStandby()
        let error = failure { _ = try standby.session() }
        #expect(error?.kind == .unavailable && error?.message.contains("read-only") == true, "\(error?.description ?? "")")
        // Who does not look at first finds out by writing.
        let string = standby.connection() + " target_session_attrs=any"
        let reader = try PostgreSQLSession(PostgreSQLSettings(connection: string, applicationName: "test"))
        let write = failure { try reader.query("INSERT INTO t VALUES (1)") }
        #expect(write?.kind == .unavailable && write?.state == "25006")
        let hosts = "host=\(primary.directory),\(standby.directory) dbname=postgres user=saga"
        let named = PostgreSQLSettings(connection: hosts, applicationName: "test")
        #expect(try PostgreSQLSession(named).query("INSERT INTO t VALUES (1)") == 1)
        try await primary.stop()
        try await standby.promote()
        #expect(try PostgreSQLSession(named).query("INSERT INTO t VALUES (2)") == 1)
    }
}
