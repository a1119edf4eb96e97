import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// `Examples/gateway/provider.py`: its ledger knows what was really charged, and it misbehaves on request.
struct GatewayProvider: Sendable {
    let process: ProgramProcess
    let client: HTTPClient
    let port: Int
    let ledger: String
    private let directory: TestDirectory

    /// - Parameter port: of one that ran before, whose ledger is gone on with.
    /// - Parameter certificate: a file with a certificate and its key; then the test itself cannot ask it.
    init(in directory: TestDirectory, port: Int? = nil, token: String? = nil, certificate: String? = nil) throws {
        let script = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/Examples/gateway/provider.py"
        let port = try port ?? FreePort.choose()
        let ledger = "\(directory.path)/ledger.db"
        let options = [("--token", token), ("--certificate", certificate)].flatMap { name, value in value.map { [name, $0] } ?? [] }
        process = try ProgramProcess.$directory.withValue("/usr/bin") {
            try ProgramProcess(
                "python3", [script, "--port", "\(port)", "--ledger", ledger, "--declined-user", "2"] + options,
                in: directory.path, label: "provider")
        }
        client = HTTPClient(.tcp(port: port))
        self.port = port
        self.ledger = ledger
        self.directory = directory
    }

    /// Runs a test with three daemons and a provider.
    static func run(
        timeout: String = "1s", _ body: (DaemonSuite, GatewayProvider, RESTClient, RESTClient) async throws -> Void
    ) async throws {
        try await DaemonSuite.run { suite in
            let provider = try GatewayProvider(in: suite.directory)
            try await provider.ready()
            try await suite.start([.order, .inventory])
            try await suite.start(.payment, environment: provider.environment(timeout: timeout))
            try await body(suite, provider, RESTClient(.order), RESTClient(.payment))
        }
    }

    func ready() async throws {
        try await eventually("the provider answers", within: .seconds(60)) { try await client.get("/faults").status == 200 ? () : nil }
    }

    /// What makes payment ask it.
    func environment(timeout: String = "1s") -> [String: String] {
        [
            "SAGAD_PAYMENT_GATEWAY_KIND": "http", "SAGAD_PAYMENT_GATEWAY_URL": "http://127.0.0.1:\(port)",
            "SAGAD_PAYMENT_GATEWAY_TIMEOUT": timeout,
        ]
    }

    func misbehave(_ faults: String) async throws {
        let answer = try await client.put("/faults", json: faults)
        try #require(answer.status == 200, "\(answer.text)")
    }

    /// The most that were ever on their way at a time.
    var mostAtOnce: Int64 {
        get async throws { try #require(try await client.get("/faults").json["mostAtOnce"]?.integer) }
    }

    /// Returns when so many requests are on their way.
    func isAsked(_ count: Int64 = 1) async throws {
        try await eventually("the provider is asked", within: .seconds(60)) {
            (try await client.get("/faults").json["running"]?.integer ?? 0) >= count ? () : nil
        }
    }

    /// The charges of an order, as they stand; a second one would be among `doubleCharges`.
    func charges(of order: String) async throws -> [JSONValue] {
        let ledger = try await client.get("/ledger").json
        #expect(ledger["doubleCharges"]?.array?.isEmpty == true, "\(ledger)")
        return (ledger["charges"]?.array ?? []).filter { $0["orderId"]?.string == order }
    }
}
