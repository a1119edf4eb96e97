import Foundation
import Saga
import SagaTestSupport
import Testing

/// Brokers that are there and refuse, or are somewhere else.
@Suite(.showingLogs) struct KafkaBrokerFaultTests {
    @Test func `Fault 44, too few replicas: degraded with the broker's own reason within 10 s, and drained when that is mended`()
        async throws
    {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            try await suite.broker.send("errors produce NOT_ENOUGH_REPLICAS 100000")
            let order = try await suite.daemons.place()
            try await suite.expect(.order, "NOT_ENOUGH_REPLICAS", within: .seconds(10))
            #expect(try suite.daemons[.order].log.contains("warning events cannot be published"))
            try await suite.broker.send("clear produce")
            #expect(try await suite.daemons.decided(order)["status"]?.string == "APPROVED")
            try await eventually("ready") { try await suite.daemons.status(.order)["state"]?.string == "ready" ? () : nil }
        }
    }

    @Test(arguments: [
        (["security.protocol": "ssl"], "security.protocol"),
        (
            ["security.protocol": "sasl_plaintext", "sasl.mechanism": "PLAIN", "sasl.username": "saga", "sasl.password": "hunter2"],
            "sasl.mechanism"
        ),
    ])
    func `Fault 44, TLS or authentication that is not the broker's: degraded, and the reason says what to mend`(
        properties: [String: String], advice: String
    ) async throws {
        try await KafkaSuite.run(.patient(properties)) { suite in
            let daemon = try await suite.daemons.start(.order)
            try await suite.expect(.order, advice, within: .seconds(10))
            let ready = try await suite.daemons.rest(.order).get("/readyz")
            #expect(ready.status == 200 && ready.text.contains(advice))
            try await eventually("in the log") { daemon.log.contains("warning degraded") && daemon.log.contains(advice) ? () : nil }
            #expect(!daemon.log.contains("hunter2"))
        }
    }

    @Test func `Fault 46, the same broker under another port: joined again within a minute`() async throws {
        let (port, other) = (try FreePort.choose(), try FreePort.choose())
        let topics = Dictionary(uniqueKeysWithValues: ServiceName.allCases.map { ("\($0)-events", 3) })
        let first = try await MockBrokerProcess(topics: topics, port: port)
        var settings = DaemonSuite.Settings.patient
        settings.more += """

            transport: kafka
            kafka:
              bootstrapServers: "127.0.0.1:\(port),127.0.0.1:\(other)"
              properties: { fetch.wait.max.ms: 20, session.timeout.ms: 3000, heartbeat.interval.ms: 500 }
            """
        try await DaemonSuite.run(settings) { daemons in
            try await daemons.start(ServiceName.allCases)
            let before = try await daemons.place()
            #expect(try await daemons.decided(before)["status"]?.string == "APPROVED")
            first.terminate()
            let second = try await MockBrokerProcess(topics: topics, port: other)
            defer { second.terminate() }
            let after = try await daemons.place()
            try await eventually("decided over the new address", within: .seconds(60)) {
                try await daemons.rest(.order).get("/orders/\(after)").json["status"]?.string == "APPROVED" ? () : nil
            }
        }
    }
}

extension KafkaSuite {
    /// Waits until a daemon is degraded for a reason that contains the text.
    fileprivate func expect(_ service: ServiceName, _ text: String, within limit: Duration) async throws {
        try await eventually("\(service) degraded, \(text)", within: limit) {
            let status = try await daemons.status(service)
            let reasons = status["reasons"]?.array?.compactMap(\.string) ?? []
            return status["state"]?.string == "degraded" && reasons.contains { $0.contains(text) } ? () : nil
        }
    }
}
