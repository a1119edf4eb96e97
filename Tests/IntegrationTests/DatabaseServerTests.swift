import Glibc
import Saga
import SagaTestSupport
import Testing
import Wire

/// Daemons whose state is in a real PostgreSQL, over a broker.
@Suite struct DatabaseServerTests {
    private static func run(_ body: (KafkaSuite, PostgreSQLServer) async throws -> Void) async throws {
        let server = try await PostgreSQLServer()
        for service in ServiceName.allCases { try await server.run("CREATE DATABASE sagad_\(service)") }
        var settings = KafkaSuite.Settings.patient()
        settings.daemons.more += """

            store:
              kind: postgresql
              connection: "\(server.connection(database: "sagad_{service}"))"
            """
        try await KafkaSuite.run(settings) { try await body($0, server) }
    }

    @Test func `Fault 57, a database server that crashes and is away: orders are refused, and what was promised is kept`() async throws {
        try await Self.run { suite, server in
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons, patience: .seconds(90))
            try await load.place(8)
            async let more: Void = load.place(60)
            try await load.waitForAccepted(20)
            try await server.restart()
            try await load.waitForAccepted(40)
            try await server.stop()
            let rest = suite.daemons.rest(.order)
            try await eventually("a service that is not ready") { try await rest.get("/readyz").status == 503 ? () : nil }
            #expect(try await rest.get("/livez").status == 200)
            #expect(try await rest.post("/orders", json: OrderLoad.Wanted().body).status == 503)
            #expect(try await suite.daemons.status(.order)["state"]?.string == "degraded")
            try await server.restart()
            try await more
            try await load.settle()
        }
    }

    @Test func `kill -9 of each daemon under load: nothing is lost, nothing happens twice`() async throws {
        try await Self.run { suite, _ in
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons, patience: .seconds(90))
            async let all: Void = load.place(60)
            for (number, service) in ServiceName.allCases.enumerated() {
                try await load.waitForAccepted(10 * (number + 1))
                let daemon = try suite.daemons[service]
                daemon.signal(SIGKILL)
                _ = try await daemon.ended()
                try await suite.daemons.start(service)
            }
            try await all
            try await load.settle()
        }
    }

    @Test func `a second daemon on the same database ends with 75, and leaves the first unharmed`() async throws {
        try await Self.run { suite, _ in
            try await suite.daemons.start(ServiceName.allCases)
            let second = try suite.daemons.launchBeside(.order)
            let outcome = try await second.daemon.ended()
            #expect(outcome.exit == .code(75))
            #expect(outcome.errors.contains("another instance is using the database: saga-orderd"))
            let load = OrderLoad(suite.daemons)
            try await load.place(8)
            try await load.settle()
        }
    }

    @Test func `a daemon that starts while the server is away waits for it`() async throws {
        try await Self.run { suite, server in
            try await server.stop()
            let daemon = try suite.daemons.launch(.payment)
            _ = try await daemon.notifications.message(with: "EXTEND_TIMEOUT_USEC=30000000", after: -1, within: .seconds(30))
            try await server.restart()
            try await daemon.ready()
        }
    }

    @Test func `a database that is not there, or is another service's: said at the start, and by --check-config`()
        async throws
    {
        try await Self.run { suite, server in
            try await suite.daemons.start(.order)
            for (name, code, words) in [("sagad_order", Int32(65), "database of another service"), ("nowhere", 78, "does not exist")] {
                let connection = ["SAGAD_STORE_CONNECTION": server.connection(database: name)]
                let daemon = try suite.daemons.launchBeside(.inventory, environment: connection).daemon
                let outcome = try await daemon.ended()
                #expect(outcome.exit == .code(code), "\(outcome.errors)")
                #expect(outcome.errors.contains(words), "\(outcome.errors)")
            }
            let checked = try await ProgramProcess.run(
                "saga-inventoryd", ["--config", suite.daemons.configurationFile, "--check-config"],
                environment: ["SAGAD_STORE_CONNECTION": server.connection(database: "nowhere")], in: suite.daemons.directory.path)
            #expect(checked.exit == .code(78) && checked.errors.contains("does not exist"), "\(checked)")
        }
    }
}
