import Foundation
import Kafka
import Saga
import SagaTestSupport
import Testing
import Wire

/// What the package brings for Prometheus and Grafana.
@Suite(.showingLogs) struct MonitoringTests {
    private static let directory = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/packaging/monitoring"

    private static func contents(of file: String) throws -> String {
        try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
    }

    private static func names(in text: String) -> Set<Substring> {
        Set(text.matches(of: /\b(saga|process)_[a-z_]+/).map(\.output.0))
    }

    @Test(arguments: [
        "check rules sagad.rules.yaml", "test rules sagad.rules.test.yaml", "check config --syntax-only prometheus.yaml",
    ])
    func `promtool finds no fault with the rules, and each fires when it should`(_ command: String) async throws {
        let scratch = try TestDirectory()
        let outcome = try await ProgramProcess.$directory.withValue("/bin") {
            try await ProgramProcess.run(
                "sh", ["-c", "cd \(MonitoringTests.directory) && exec promtool \(command)"], in: scratch.path)
        }
        #expect(outcome.exit == .code(0), "\(outcome.output + outcome.errors)")
    }

    @Test func `rules and dashboard ask for metrics that there are`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            // Of what is only there when it is configured.
            var known: Set<Substring> = ["saga_gateway_circuit_open", "saga_webhook_pending"]
            for service in ServiceName.allCases {
                _ = try await suite.rest(service).get("/livez")
                known.formUnion(MonitoringTests.names(in: try await suite.admin(service).get("/metrics").text))
            }
            for file in ["sagad.rules.yaml", "sagad.dashboard.json"] {
                let asked = MonitoringTests.names(in: try MonitoringTests.contents(of: file))
                #expect(asked.subtracting(known).isEmpty, "\(file)")
            }
        }
    }

    // MARK: Prometheus itself

    /// Debian's Prometheus with the configuration and the rules of the package, but for addresses and patience.
    private struct Prometheus {
        let process: ProgramProcess
        let client: HTTPClient

        init(_ ports: [ServiceName: Int], in directory: TestDirectory) throws {
            let port = try FreePort.choose()
            var configuration = try MonitoringTests.contents(of: "prometheus.yaml")
                .replacing("scrape_interval: 15s", with: "scrape_interval: 500ms\n  evaluation_interval: 500ms")
            for (place, service) in zip(["9181", "9182", "9183"], ServiceName.allCases) {
                configuration = configuration.replacing("127.0.0.1:\(place)\"]", with: "127.0.0.1:\(ports[service]!)\"]")
            }
            let rules = try MonitoringTests.contents(of: "sagad.rules.yaml")
                .replacing(/for: [0-9]+m/, with: "for: 1s").replacing(
                    "saga_outbox_oldest_seconds > 30", with: "saga_outbox_oldest_seconds > 3")
            _ = try directory.write(rules, to: "sagad.rules.yaml")
            let file = try directory.write(configuration, to: "prometheus.yaml")
            process = try ProgramProcess.$directory.withValue("/usr/bin") {
                try ProgramProcess(
                    "prometheus",
                    [
                        "--config.file=\(file)", "--storage.tsdb.path=\(directory.path)/prometheus",
                        "--web.listen-address=127.0.0.1:\(port)",
                        "--log.level=warn",
                    ], in: directory.path, label: "prometheus")
            }
            client = HTTPClient(.tcp(port: port))
        }

        /// What fires: the name of the alert with the service it is about, and the command it advises.
        func alerts() async throws -> [String: String] {
            let answer = try await client.get("/api/v1/alerts")
            try #require(answer.status == 200, "Prometheus answers \(answer.status): \(answer.text.prefix(500))")
            let alerts = try answer.json["data"]?["alerts"]?.array ?? []
            let firing = alerts.filter { $0["state"]?.string == "firing" }.map { alert in
                let labels = alert["labels"]
                return (
                    "\(labels?["alertname"]?.string ?? "") \(labels?["service"]?.string ?? "")",
                    alert["annotations"]?["command"]?.string ?? ""
                )
            }
            return Dictionary(firing, uniquingKeysWith: { first, _ in first })
        }

        func query(_ expression: String) async throws -> Int {
            let query = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return try await client.get("/api/v1/query?query=\(query)").json["data"]?["result"]?.array?.count ?? 0
        }

        func firing(_ names: Set<String>) async throws -> [String: String] {
            try await eventually("alerts \(names.sorted())", within: .seconds(60)) {
                let alerts = try await alerts()
                return names.isSubset(of: alerts.keys) ? alerts : nil
            }
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `Prometheus scrapes the three daemons, and what breaks raises its alert, whose command says more`() async throws {
        var settings = KafkaSuite.Settings()
        settings.daemons.deadline = "3s"
        try await KafkaSuite.run(settings) { suite in
            let ports = Dictionary(uniqueKeysWithValues: try ServiceName.allCases.map { ($0, try FreePort.choose()) })
            for service in ServiceName.allCases {
                let key = "SAGAD_\(service.rawValue.uppercased())_METRICS_PORT"
                try await suite.daemons.start(service, environment: [key: "\(ports[service]!)"])
            }
            let prometheus = try Prometheus(ports, in: suite.daemons.directory)
            try await eventually("three daemons that are up and ready", within: .seconds(60)) {
                try await prometheus.query("up == 1 and on (instance) saga_ready == 1") == 3 ? () : nil
            }
            let load = OrderLoad(suite.daemons)
            try await load.place(5)
            try await load.settle()
            try await eventually("a rate of decisions") {
                try await prometheus.query("rate(saga_order_decision_seconds_count{outcome=\"APPROVED\"}[5m]) > 0") == 1 ? () : nil
            }
            try await eventually("peace") { try await prometheus.alerts().isEmpty ? () : nil }

            try await suite.client.put(Array("garbage".utf8), on: .order, key: "x", headers: [])
            let alerts = try await prometheus.firing(["SagaDeadLetters inventory", "SagaDeadLetters payment"])
            let command = try #require(alerts["SagaDeadLetters inventory"]).split(separator: " ").map(String.init)
            #expect(command.first == "sagactl")
            let letters = try await suite.daemons.sagactl(Array(command.dropFirst()))
            #expect(letters.exit == .code(0))
            #expect(letters.output.contains("unreadable"))
            #expect(try await suite.daemons.sagactl("dead-letters", "discard", "--all", "--yes").exit == .code(0))
            try await eventually("peace") {
                try await prometheus.alerts().keys.contains { $0.hasPrefix("SagaDeadLetters") } ? nil : ()
            }

            try await suite.broker.send("down 1")
            for _ in 0..<20 { _ = try await suite.daemons.place() }
            let raised = try await prometheus.firing(["SagaEventsNotPublished order", "SagaDeadlineStorm order", "SagaDegraded order"])
            #expect(raised["SagaDaemonDown order"] == nil)
            let storm = try #require(raised["SagaDeadlineStorm order"]).split(separator: " ").map(String.init)
            let canceled = try await suite.daemons.sagactl(Array(storm.dropFirst()))
            #expect(canceled.exit == .code(0))
            #expect(canceled.output.contains("DEADLINE_EXCEEDED"))

            try await suite.daemons[.payment].crash()
            _ = try await prometheus.firing(["SagaDaemonDown payment"])
        }
    }
}
