import Glibc
import Logging
import Saga
import SagaConfiguration
import SagaStore
import ServiceLifecycle
import Store
import Systemd

/// The store the configuration asks for, and the one place that knows which there are.
enum StoreKind {
    case sqlite, postgresql

    /// How long a server that is away is left alone before the next try.
    private static let pause = Duration.seconds(1)

    init(_ configuration: Configuration) {
        self =
            switch configuration.store.kind {
            case .sqlite: .sqlite
            case .postgresql: .postgresql
            }
    }

    /// - Throws: where another process has the state directory, or it cannot be used.
    func engine(of service: ServiceName, _ configuration: Configuration) throws -> any DatabaseEngine {
        let directory = "\(configuration.stateDirectory)/\(service)"
        switch self {
        case .sqlite: return try SQLiteEngine(directory: directory)
        case .postgresql: return try PostgreSQLEngine(Self.address(of: service, configuration), directory: directory)
        }
    }

    /// Opens the database, and tries again for as long as its server is away.
    ///
    /// - Parameter waits: called with the reason before each pause.
    func open(waits: (String) -> Void, log: Log, _ open: () throws -> Database) async throws -> Database {
        var isKnown = false
        while true {
            do {
                return try open()
            } catch StoreError.unavailable(let message) {
                let text = "waiting for the database: \(message)"
                if !isKnown { log.record(.warning, text) }
                isKnown = true
                waits(text)
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    /// What notices that the database was taken away, or is.
    func watch(of database: Database, log: Log) -> any Service {
        switch self {
        case .sqlite: StateWatch(database: database, log: log)
        case .postgresql: DatabaseWatch(database: database)
        }
    }

    /// Tries what a start would need; a file is made by the start itself.
    func check(
        for service: ServiceName, _ schema: Schema, _ configuration: Configuration
    ) -> (problems: [String], warnings: [String]) {
        switch self {
        case .sqlite: ([], [])
        case .postgresql: PostgreSQLEngine.check(Self.address(of: service, configuration), schema)
        }
    }

    private static func address(of service: ServiceName, _ configuration: Configuration) -> PostgreSQLEngine.Address {
        var host = [CChar](repeating: 0, count: 256)
        gethostname(&host, host.count - 1)
        let name = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return PostgreSQLEngine.Address(
            connection: configuration.store.connection(of: service), password: configuration.store.password?.value,
            name: "\(service.program) at \(name)")
    }
}
