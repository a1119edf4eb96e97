import PostgreSQL
import SagaStore
import SagaTestSupport
import Store

/// What keeps a database, for tests of what is to be so whatever that is.
enum TestEngine: CaseIterable, Sendable {
    case sqlite, postgresql

    /// A place for one database of its own. It goes with the object.
    func place() async throws -> EnginePlace {
        switch self {
        case .sqlite: try EnginePlace(connection: nil)
        case .postgresql: try await EnginePlace(on: .shared)
        }
    }
}

/// Where one database is.
final class EnginePlace {
    /// Of PostgreSQL's server and database; nil for a file of SQLite's.
    let connection: String?
    let directory: TestDirectory
    private let password: String?

    init(connection: String?, password: String? = nil) throws {
        self.connection = connection
        self.password = password
        directory = try TestDirectory()
    }

    /// An empty database on a server.
    convenience init(on server: PostgreSQLServer) async throws {
        try self.init(connection: server.connection(database: await server.makeDatabase()))
    }

    /// - Parameter directory: where its lock is; its own where nil.
    func engine(directory: TestDirectory? = nil) throws -> any DatabaseEngine {
        let path = (directory ?? self.directory).path
        guard let connection else { return try SQLiteEngine(directory: path) }
        return try PostgreSQLEngine(.init(connection: connection, password: password, name: "test"), directory: path)
    }

    func database(schema: Schema = .notes, clock: ManualClock = ManualClock(), directory: TestDirectory? = nil) throws -> Database {
        try Database(
            engine: engine(directory: directory), schema: schema, clock: { clock.now }, initialize: { _ in }, prepareCommit: { _ in },
            committed: { _ in }, failed: { _ in })
    }

    /// Another session in the database, on a server.
    func session() throws -> PostgreSQLSession {
        try PostgreSQLSession(PostgreSQLSettings(connection: connection ?? "", applicationName: "test"))
    }
}
