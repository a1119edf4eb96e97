import Foundation
import Saga
import SagaTestSupport
import Testing

/// What the daemons do before they serve: options, configuration, and the reasons not to start.
@Suite(.showingLogs) struct CommandLineTests {
    private func run(
        _ service: ServiceName, _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> ProgramProcess.Outcome {
        let directory = try TestDirectory()
        return try await ProgramProcess.run(service.program, arguments, environment: environment, in: directory.path)
    }

    @Test(arguments: ServiceName.allCases) func `--version prints the version`(_ service: ServiceName) async throws {
        let outcome = try await run(service, "--version")
        #expect(outcome.exit == .code(0))
        #expect(outcome.output == "\(Version.current)\n")
        #expect(outcome.errors == "")
    }

    @Test(arguments: ServiceName.allCases) func `--help explains every option`(_ service: ServiceName) async throws {
        let outcome = try await run(service, "--help")
        #expect(outcome.exit == .code(0))
        #expect(outcome.output.contains("USAGE: \(service.program)"))
        for option in ["--config", "--check-config", "--version"] { #expect(outcome.output.contains(option)) }
    }

    @Test(arguments: [["--nonsense"], ["argument"], ["--config"]])
    func `what is no option is a usage error`(_ arguments: [String]) async throws {
        let directory = try TestDirectory()
        let outcome = try await ProgramProcess.run("saga-orderd", arguments, in: directory.path)
        #expect(outcome.exit == .code(64))
        #expect(outcome.errors.contains("Usage: saga-orderd"))
        #expect(outcome.output == "")
    }

    @Test func `--check-config says that a good file is good`() async throws {
        let directory = try TestDirectory()
        let file = try directory.write("logLevel: debug\n", to: "good.yaml")
        let outcome = try await run(.inventory, "--check-config", "--config", file)
        #expect(outcome.exit == .code(0))
        #expect(outcome.output == "the configuration is valid\n")
    }

    @Test(arguments: [
        ("logLevel: loud\n", "bad.yaml:1: logLevel"), ("\norder:\n  deadlin: 60s\n", "bad.yaml:3: order.deadlin"),
        ("order:\n  http: { port: 0 }\n", "bad.yaml:2: order.http.port"), ("order: [\n", "bad.yaml:"),
        ("transport: kafka\n", "kafka.bootstrapServers"),
    ])
    func `a bad file is 78, and the message names the key and the line`(_ text: String, _ place: String) async throws {
        let directory = try TestDirectory()
        let file = try directory.write(text, to: "bad.yaml")
        for arguments in [["--check-config", "--config", file], ["--config", file]] {
            let outcome = try await ProgramProcess.run("saga-orderd", arguments, in: directory.path)
            #expect(outcome.exit == .code(78))
            #expect(outcome.errors.contains(place))
            #expect(outcome.errors.hasPrefix("saga-orderd: "))
            #expect(outcome.output == "")
        }
    }

    @Test func `a file that was named but is not there is 78`() async throws {
        let outcome = try await run(.payment, "--config", "/nonexistent/sagad.yaml")
        #expect(outcome.exit == .code(78))
        #expect(outcome.errors.contains("/nonexistent/sagad.yaml"))
    }

    @Test(arguments: [
        ["SAGAD_NONSENSE": "1"], ["SAGAD_ORDER_HTTP_PORT": "http"], ["SAGAD_ORDER_DEADLINE": "60"], ["SAGAD_PAYMENT_DECLINED_USERS": "[0]"],
    ])
    func `a bad or unknown variable is 78 and named`(_ environment: [String: String]) async throws {
        let directory = try TestDirectory()
        let file = try directory.write("", to: "empty.yaml")
        for service in ServiceName.allCases {
            let outcome = try await run(service, "--config", file, environment: environment)
            #expect(outcome.exit == .code(78))
            #expect(outcome.errors.contains(environment.keys.first!))
        }
    }

    @Test func `the environment beats the file`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order, environment: ["SAGAD_ORDER_DEADLINE": "17s", "SAGAD_LOG_LEVEL": "warning"])
            let configuration = try await suite.admin(.order).get("/config").json
            #expect(configuration["order"]?["deadline"]?.string == "17s")
            #expect(configuration["logLevel"]?.string == "warning")
        }
    }
}
