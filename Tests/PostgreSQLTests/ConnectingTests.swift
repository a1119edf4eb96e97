import SagaTestSupport
import Testing

@testable import PostgreSQL

@Suite struct ConnectingTests {
    private let server: PostgreSQLServer

    init() async throws {
        server = try await .shared
    }

    private func failure(_ connection: String, password: String? = nil) throws -> PostgreSQLError {
        try #require(
            PostgreSQLTests.failure {
                _ = try PostgreSQLSession(PostgreSQLSettings(connection: connection, password: password, applicationName: "test"))
            })
    }

    /// A user of the test's own, with a password.
    private func makeUser(_ name: String, options: String = "") async throws {
        try await server.run("DROP ROLE IF EXISTS \(name)")
        try await server.run("CREATE ROLE \(name) LOGIN PASSWORD 'right' \(options)")
    }

    @Test func `a session is what it is asked to be`() async throws {
        let session = try server.session {
            $0.applicationName = "saga-order@a"
            $0.idleInTransactionTimeout = .milliseconds(1500)
        }
        func setting(_ name: String) throws -> String? {
            try session.first("SELECT current_setting(?)", [.text(name)]) { $0.text(0) } ?? nil
        }
        #expect(try setting("application_name") == "saga-order@a")
        #expect(try setting("client_encoding") == "UTF8")
        #expect(try setting("transaction_isolation") == "read committed")
        #expect(try setting("statement_timeout") == "10s")
        #expect(try setting("lock_timeout") == "5s")
        #expect(try setting("idle_in_transaction_session_timeout") == "1500ms")
        // What the connection string says goes before it, but for the encoding.
        let string = server.connection() + " application_name=mine client_encoding=LATIN1"
        let other = try PostgreSQLSession(PostgreSQLSettings(connection: string, applicationName: "test"))
        #expect(try other.first("SELECT current_setting('application_name')") { $0.text(0) } == "mine")
        #expect(try other.first("SELECT current_setting('client_encoding')") { $0.text(0) } == "UTF8")
        // As a URI.
        let uri = "postgresql://saga@/postgres?host=" + server.directory.replacing("/", with: "%2F")
        #expect(try PostgreSQLSession(PostgreSQLSettings(connection: uri, applicationName: "test")).integers("SELECT 1") == [1])
    }

    @Test func `a password is taken from where it is, and a wrong one or none is refused for good`() async throws {
        try await makeUser("passwords")
        let connection = server.connection(user: "passwords")
        let settings = PostgreSQLSettings(connection: connection + " password=wrong", password: "right", applicationName: "test")
        #expect(try PostgreSQLSession(settings).integers("SELECT 1") == [1])
        #expect("\(settings)" == "settings of test")
        for error in try [failure(connection, password: "secret"), failure(connection)] {
            #expect(error.kind == .refused && error.state == "28P01")
            #expect(!error.description.contains("secret"))
        }
    }

    @Test func `no such database, no such user, no right: refused for good, with what to do`() async throws {
        let missing = try failure(server.connection(database: "missing"))
        #expect(missing.kind == .refused && missing.state == "3D000")
        #expect(missing.description.contains("\"missing\" does not exist") && missing.description.contains("CREATE DATABASE"))
        #expect(try failure(server.connection(user: "nobody-here"), password: "x").kind == .refused)
        let database = try await server.makeDatabase()
        try await makeUser("rightless")
        let settings = PostgreSQLSettings(connection: server.connection(user: "rightless"), password: "right", applicationName: "test")
        let session = try PostgreSQLSession(settings)
        let error = try #require(PostgreSQLTests.failure { try session.execute("CREATE TABLE t (x bigint)") })
        #expect(error.kind == .refused && error.state == "42501")
        try await server.run("REVOKE CONNECT ON DATABASE \(database) FROM public")
        #expect(try failure(server.connection(database: database, user: "rightless"), password: "right").kind == .refused)
    }

    @Test func `too many connections are a matter of time`() async throws {
        try await makeUser("limited", options: "CONNECTION LIMIT 0")
        let error = try failure(server.connection(user: "limited"), password: "right")
        #expect(error.kind == .unavailable && error.state == "53300")
    }

    @Test func `a database of another encoding is refused`() async throws {
        let name = "latin_" + (try await server.makeDatabase())
        try await server.run("CREATE DATABASE \(name) ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        let error = try failure(server.connection(database: name))
        #expect(error.kind == .refused && error.message.contains("LATIN1"))
    }

    @Test func `where nobody listens it is unavailable`() throws {
        for connection in ["host=/nowhere dbname=x", "host=127.0.0.1 port=1 dbname=x", "host=no-such-host.invalid dbname=x"] {
            let error = try failure(connection)
            #expect(error.kind == .unavailable && error.state == nil, "\(error)")
        }
    }

    @Test func `the first server that can be used is taken, and what none of them will change is said at once`() async throws {
        let hosts = "host=/nowhere,\(server.directory) dbname=postgres user="
        #expect(try PostgreSQLSession(PostgreSQLSettings(connection: hosts + "saga", applicationName: "test")).integers("SELECT 1") == [1])
        try await makeUser("elsewhere")
        let error = try failure(hosts + "elsewhere", password: "wrong")
        #expect(error.kind == .refused && error.message.contains("/nowhere"))
    }

    @Test(arguments: [
        "password=my secret", "postgresql://user:sec/ret@host/db", "postgresql://user:se@cret@host/db",
        "postgresql://user:12/secret@host/db",
        "secret", "host=a password='secret", "sslmode=secret host=/nowhere",
        "host=/nowhere dbname=secret bogus=1",
    ])
    func `a connection string that cannot be read is refused, and nothing of a password in it shown`(_ connection: String) throws {
        let error = try failure(connection)
        #expect(error.kind == .refused)
        #expect(connection.hasPrefix("sslmode") || !error.description.contains("ret"), "\(error)")
    }

    @Test(
        arguments: [
            ("host=a,b,c port=1,2,3", ["a:1", "b:2", "c:3"]), ("host=a,b port=7", ["a:7", "b:7"]), ("host=a,b", ["a:", "b:"]),
            ("host=a", ["a:"]),
            ("", [":"]), ("host=a,b port=1,2,3", ["a,b:1,2,3"]), ("postgresql://a:1,b:2/x", ["a:1", "b:2"]),
        ] as [(String, [String])])
    func `servers are tried one by one, with their own ports`(_ string: String, _ servers: [String]) throws {
        #expect(try ConnectionString(string).servers.map { "\($0["host"] ?? ""):\($0["port"] ?? "")" } == servers)
    }
}
