import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// One archive for whoever looks into a fault.
@Suite(.showingLogs) struct BugReportTests {
    /// In the archive, whatever machine it is made on.
    private static let files =
        ["configuration.json", "versions.txt", "system.txt", "disk.txt", "state.txt", "units.txt", "journal.txt", "missing.txt"]
        + ServiceName.allCases.flatMap { ["\($0)-status.json", "\($0)-configuration.json", "\($0)-metrics.txt"] }

    private func unpack(_ archive: String, in suite: DaemonSuite) async throws -> [String: String] {
        let directory = "\(suite.directory.path)/unpacked-\(UUID())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let tar = try await ProgramProcess.$directory.withValue("/usr/bin") {
            try await ProgramProcess.run("tar", ["-xzf", archive, "-C", directory, "--strip-components=1"], in: suite.directory.path)
        }
        try #require(tar.exit == .code(0), "\(tar.errors)")
        return Dictionary(
            uniqueKeysWithValues: try FileManager.default.contentsOfDirectory(atPath: directory).map {
                ($0, String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\($0)")), as: UTF8.self))
            })
    }

    @Test func `the archive has what is needed to look into a fault, and no secret`() async throws {
        var settings = DaemonSuite.Settings()
        settings.more = """
            kafka: { properties: { "sasl.password": "hunter2-sasl", "ssl.key.password": "hunter2-key" } }
            tracing: { otlpEndpoint: "http://me:hunter2-otlp@127.0.0.1:9" }
            """
        try await DaemonSuite.run(settings) { suite in
            let credentials = "\(suite.directory.path)/credentials"
            try FileManager.default.createDirectory(atPath: credentials, withIntermediateDirectories: true)
            let secret = Data("hunter2-webhook-which-is-long-enough".utf8).base64EncodedString()
            _ = try suite.directory.write("whsec_\(secret)", to: "credentials/webhook.secret")
            _ = try suite.directory.write("hunter2-gateway", to: "credentials/payment.gateway-token")
            let environment = [
                "CREDENTIALS_DIRECTORY": credentials, "SAGAD_ORDER_WEBHOOK_URL": "http://127.0.0.1:9/hook?token=hunter2-query",
                "SAGAD_PAYMENT_GATEWAY": "{kind: http, url: 'http://127.0.0.1:9'}",
            ]
            for service in ServiceName.allCases { try await suite.start(service, environment: environment) }
            let order = try await RESTClient(.order).place()
            // The gateway is asked, the receiver told, and both in vain.
            try await RESTClient(.payment).get("/payments/\(order)", until: "PENDING")
            try await RESTClient(.order).cancel(order)

            let archive = "\(suite.directory.path)/report.tar.gz"
            let made = try await suite.sagactl("bugreport", archive, "--config", suite.configurationFile)
            #expect(made.exit == .code(0), "\(made.errors)")
            #expect(made.output == "\(archive)\n")
            #expect(try FileManager.default.attributesOfItem(atPath: archive)[.posixPermissions] as? Int == 0o600)
            let files = try await unpack(archive, in: suite)
            #expect(Set(files.keys).isSuperset(of: Self.files), "\(files.keys.sorted())")
            for service in ServiceName.allCases {
                #expect(
                    try JSONValue(parsing: Array(files["\(service)-status.json", default: ""].utf8))["service"]?.string == service.rawValue)
                #expect(files["\(service)-configuration.json"]?.contains("kafka.properties") == true)
                #expect(files["\(service)-metrics.txt"]?.contains("saga_build_info") == true)
            }
            #expect(files["versions.txt"]?.contains(Version.current) == true)
            #expect(files["state.txt"]?.contains("saga.db") == true)
            for (name, text) in files {
                #expect(!text.contains("hunter2") && !text.contains(secret), "\(name)")
            }
            // Nor is it where the journal would have it from.
            for service in ServiceName.allCases { #expect(try !suite[service].log.contains("hunter2"), "\(service)") }

            let again = try await suite.sagactl("bugreport", archive)
            #expect(again.exit == .code(64), "one that is there is not written over")
        }
    }

    @Test func `without a daemon the rest is gathered, and what is missing is named`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start([.order, .inventory])
            let archive = "\(suite.directory.path)/report.tar.gz"
            let made = try await suite.sagactl("bugreport", archive, "--json")
            #expect(made.exit == .code(0), "\(made.errors)")
            let files = try await unpack(archive, in: suite)
            #expect(files["order-status.json"] != nil)
            #expect(files["payment-status.json"] == nil)
            // As the daemons say, where nobody said which file they have read.
            #expect(files["state.txt"]?.contains("saga.db") == true)
            #expect(files["missing.txt"]?.contains("saga-payment") == true)
            #expect(made.errors.contains("not in it: "))
        }
    }
}
