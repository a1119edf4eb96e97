import Foundation

/// A real PostgreSQL server for tests, listening on a Unix socket alone, in a directory that goes with it.
///
/// It takes a few seconds to make, so that those who can share one: `shared`. The superuser `saga` needs no password, all others do.
/// It ends with this object, and when the test process ends, however that ends: a shell that reads from a pipe waits for it.
/// PostgreSQL refuses to be run by root; it is run by another user then.
package final class PostgreSQLServer: Sendable {
    /// One for all who do not stop it. The first to ask waits until it is there.
    package static var shared: PostgreSQLServer {
        get async throws { try await making.value }
    }

    private static let making = Task { try await PostgreSQLServer() }

    /// Where its socket, its data and its log are.
    package let directory: String
    private let programs: PostgreSQLPrograms
    private let process: PostgreSQLProcess

    package init() async throws {
        let programs = try PostgreSQLPrograms()
        let directory = try programs.makeDirectory()
        try await programs.run(
            "initdb",
            [
                "--pgdata=\(directory)/data", "--username=\(PostgreSQLServer.user)", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
                "--no-instructions",
            ], in: directory)
        try PostgreSQLServer.access.write(toFile: "\(directory)/data/pg_hba.conf", atomically: false, encoding: .utf8)
        self.directory = directory
        self.programs = programs
        process = try PostgreSQLProcess(programs, in: directory)
        try await process.start()
    }

    /// Follows another one, which it may take the place of.
    private init(following primary: PostgreSQLServer) async throws {
        programs = primary.programs
        directory = try programs.makeDirectory()
        try await programs.run(
            "pg_basebackup",
            [
                "--pgdata=\(directory)/data", "--host=\(primary.directory)", "--username=\(PostgreSQLServer.user)", "--checkpoint=fast",
                "--write-recovery-conf",
            ], in: directory)
        process = try PostgreSQLProcess(programs, in: directory)
        try await process.start()
    }

    /// What libpq is to be given to get in as the superuser.
    package func connection(database: String = "postgres", user: String = PostgreSQLServer.user) -> String {
        "host=\(directory) dbname=\(database) user=\(user)"
    }

    /// Makes a database with a name of its own.
    package func makeDatabase() async throws -> String {
        let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await run("CREATE DATABASE \(name)")
        return name
    }

    /// Runs one statement or command of psql as the superuser.
    package func run(_ sql: String, database: String = "postgres") async throws {
        try await programs.run(
            "psql", ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command=\(sql)", connection(database: database)], in: directory)
    }

    /// Ends it as a crash does, and starts it again.
    package func restart() async throws {
        try await process.stop()
        try await process.start()
    }

    /// Ends it as a crash does.
    package func stop() async throws {
        try await process.stop()
    }

    /// Stops all of its processes where they are: connections stay, and get no answer. Until `thaw`.
    package func freeze() throws {
        try process.signalAll(SIGSTOP)
    }

    package func thaw() throws {
        try process.signalAll(SIGCONT)
    }

    /// A standby of this server, made from a copy of it.
    package func makeStandby() async throws -> PostgreSQLServer {
        try await PostgreSQLServer(following: self)
    }

    /// Makes a standby the primary. It can be written when this returns.
    package func promote() async throws {
        try await run("SELECT pg_promote()")
    }

    package static let user = "saga"

    private static let access = """
        local all         \(user) trust
        local replication \(user) trust
        local all         all  scram-sha-256

        """
}
