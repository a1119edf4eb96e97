import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// The webhook of decided orders, as its receiver sees it.
@Suite(.showingLogs) struct WebhookTests {
    private static func pending(_ suite: DaemonSuite) async throws -> Int64? {
        let text = try await suite.admin(.order).get("/metrics").text
        return text.split(separator: "\n").first { $0.hasPrefix("saga_webhook_pending ") }.flatMap { Int64($0.dropFirst(21)) }
    }

    private static func expectNothingPending(_ suite: DaemonSuite) async throws {
        try await eventually("all is delivered", within: .seconds(60)) { try await pending(suite) == 0 ? () : nil }
    }

    @Test(.timeLimit(.minutes(20)))
    func `every decided order is told, verified by the public library, with the order as its body; none from before there was a webhook`()
        async throws
    {
        try await DaemonSuite.run { suite in
            let receiver = try WebhookReceiver(in: suite.directory)
            try await receiver.ready()
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            let before = try await orders.place()
            _ = try await orders.decided(before)
            try await suite[.order].stop()

            let environment = try receiver.environment(in: suite.directory)
            try await suite.start(.order, environment: environment)
            let (approved, canceled) = (try await orders.place(), try await orders.place(user: 2))
            for id in [approved, canceled] {
                let order = try await orders.decided(id)
                let webhook = try #require(try await receiver.webhooks(of: id).first)
                #expect(webhook.problem == nil)
                #expect(webhook.order == order)
                #expect(webhook.path == "/hook?of=orders")
            }
            try await WebhookTests.expectNothingPending(suite)
            let webhooks = try receiver.webhooks
            #expect(webhooks.count == 2 && Set(webhooks.map(\.id)).count == 2)

            // What is decided while the service has no webhook is told when it has one again.
            try await suite[.order].stop()
            try await suite.start(.order)
            let meanwhile = try await orders.place()
            _ = try await orders.decided(meanwhile)
            #expect(try await WebhookTests.pending(suite) == 0)
            try await suite[.order].stop()
            try await suite.start(.order, environment: environment)
            try await receiver.webhooks(of: meanwhile)
            #expect(try receiver.webhooks.allSatisfy { $0.order["orderId"]?.string != before })
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `Fault 59, kill -9 of either side: each is told at least once, under one id`() async throws {
        try await DaemonSuite.run { suite in
            var receiver = try WebhookReceiver(in: suite.directory)
            try await receiver.ready()
            let environment = try receiver.environment(in: suite.directory)
            try await suite.start([.inventory, .payment])
            try await suite.start(.order, environment: environment)
            let load = OrderLoad(suite)
            for round in 1...4 {
                async let placing: Void = load.place(60)
                let seen = try receiver.webhooks.count
                try await eventually("webhooks in round \(round)", within: .seconds(60)) {
                    try receiver.webhooks.count > seen + 5 ? () : nil
                }
                if round % 2 == 0 {
                    try await receiver.crash()
                    receiver = try WebhookReceiver(in: suite.directory, port: receiver.port)
                    try await receiver.ready()
                } else {
                    try await suite[.order].crash()
                    try await suite.start(.order, environment: environment)
                }
                try await placing
            }
            try await load.settle()
            try await WebhookTests.expectNothingPending(suite)
            let listed = try #require(try await suite.rest(.order).get("/orders?limit=500").json["orders"]?.array)
            let webhooks = try receiver.webhooks
            #expect(webhooks.allSatisfy { $0.problem == nil })
            let told = Dictionary(grouping: webhooks) { $0.order["orderId"]?.string ?? "" }
            for order in listed {
                let those = told[order["orderId"]?.string ?? ""] ?? []
                #expect(!those.isEmpty, "\(order) was not told")
                #expect(Set(those.map(\.id)).count == 1)
                #expect(those.allSatisfy { $0.order == order })
            }
            #expect(told.count == listed.count)
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `what is not taken is sent again, and holds up no other: 410, 500, a redirect, an endless answer, none at all`() async throws {
        try await DaemonSuite.run { suite in
            let receiver = try WebhookReceiver(in: suite.directory)
            try await receiver.ready()
            try await suite.start([.inventory, .payment])
            try await suite.start(.order, environment: try receiver.environment(in: suite.directory, timeout: "1s"))
            let orders = try RESTClient(.order)
            let behaviours = [
                #"{"status": 410}"#, #"{"status": 500, "headers": {"Retry-After": "1"}}"#,
                #"{"status": 307, "headers": {"Location": "/elsewhere"}}"#, #"{"status": 503, "body": 10000000}"#, #"{"delay": 3}"#,
            ]
            try receiver.behave(#"{"*": {"status": 404}}"#)
            var failing: [String] = []
            for _ in behaviours { failing.append(try await orders.place()) }
            for id in failing { try await receiver.webhooks(of: id) }
            try receiver.behave("{\(zip(failing, behaviours).map { "\"\($0)\": \($1)" }.joined(separator: ", "))}")
            for id in failing { try await receiver.webhooks(of: id, atLeast: 3) }

            let good = try await orders.place()
            try await receiver.webhooks(of: good)
            try await eventually("only they wait") { try await WebhookTests.pending(suite) == Int64(failing.count) ? () : nil }
            #expect(try receiver.webhooks.allSatisfy { $0.path == "/hook?of=orders" && $0.problem == nil }, "no redirect is followed")
            try receiver.behave("{}")
            try await WebhookTests.expectNothingPending(suite)
            for id in failing { #expect(Set(try await receiver.webhooks(of: id).map(\.id)).count == 1) }
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `Retry-After is kept to`() async throws {
        try await DaemonSuite.run { suite in
            let receiver = try WebhookReceiver(in: suite.directory)
            try await receiver.ready()
            try receiver.behave(#"{"*": {"status": 429, "headers": {"Retry-After": "3600"}}}"#)
            try await suite.start([.inventory, .payment])
            let environment = try receiver.environment(in: suite.directory)
            try await suite.start(.order, environment: environment)
            let order = try await RESTClient(.order).place()
            try await receiver.webhooks(of: order)
            try await eventually("an hour to wait") {
                let waited = try await suite.query("SELECT waited / 1000000 FROM webhook_delivery", at: .order)
                return waited == "3600" ? () : nil
            }
            try receiver.behave("{}")
            // Not even a restart hastens it.
            try await suite[.order].stop()
            try await suite.start(.order, environment: environment)
            let other = try await RESTClient(.order).place()
            try await receiver.webhooks(of: other)
            try await eventually("only one waits") { try await WebhookTests.pending(suite) == 1 ? () : nil }
            #expect(try await receiver.webhooks(of: order).count == 1)
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `Fault 59, a receiver that is dead: holds up no order, and gets all when it is back`() async throws {
        try await DaemonSuite.run { suite in
            let port = try FreePort.choose()
            var receiver = try WebhookReceiver(in: suite.directory, port: port)
            try await receiver.crash()
            try await suite.start([.inventory, .payment])
            try await suite.start(.order, environment: try receiver.environment(in: suite.directory))
            let load = OrderLoad(suite)
            try await load.place(200)
            try await load.settle()
            try await eventually("all wait") { try await WebhookTests.pending(suite) == 200 ? () : nil }
            #expect(try suite[.order].log.contains("there was no answer: Connection refused "))
            receiver = try WebhookReceiver(in: suite.directory, port: port)
            try await WebhookTests.expectNothingPending(suite)
            #expect(try Dictionary(grouping: receiver.webhooks, by: \.id).values.map(\.count) == Array(repeating: 1, count: 200))
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `after a day it is given up, which status says; and sagactl sends it again or forgets it`() async throws {
        try await DaemonSuite.run { suite in
            let receiver = try WebhookReceiver(in: suite.directory)
            try await receiver.ready()
            try receiver.behave(#"{"*": {"status": 500}}"#)
            let environment = try receiver.environment(in: suite.directory)
            try await suite.start([.inventory, .payment])
            let orders = try RESTClient(.order)

            func giveUp() async throws -> String {
                try await suite.start(.order, environment: environment)
                let order = try await orders.place()
                try await receiver.webhooks(of: order)
                try await suite[.order].stop()
                // A day passes.
                _ = try await suite.query("UPDATE webhook_delivery SET waited = 86400000000, next_at = 1", at: .order)
                try await suite.start(.order, environment: environment)
                try await eventually("it is given up") {
                    let status = try await suite.sagactl("status")
                    return status.exit == .code(1) && status.output.contains("sagactl webhooks retry") ? () : nil
                }
                return order
            }

            let order = try await giveUp()
            #expect(try suite[.order].log.contains("given up"))
            #expect(try await WebhookTests.pending(suite) == 0)
            #expect(try await suite.sagactl("webhooks", "discard").exit == .code(64), "it asks")
            try receiver.behave("{}")
            let count = try await receiver.webhooks(of: order).count
            let retried = try await suite.sagactl("webhooks", "retry", "--json")
            #expect(retried.exit == .code(0) && retried.output == "{\"retried\":1}\n")
            try await receiver.webhooks(of: order, atLeast: count + 1)
            try await WebhookTests.expectNothingPending(suite)
            #expect(try await suite.sagactl("status").exit == .code(0))
            try await suite[.order].stop()

            try receiver.behave(#"{"*": {"status": 500}}"#)
            _ = try await giveUp()
            let discarded = try await suite.sagactl("webhooks", "discard", "--yes", "--json")
            #expect(discarded.exit == .code(0) && discarded.output == "{\"discarded\":1}\n")
            #expect(try await suite.sagactl("status").exit == .code(0))
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `a certificate must be one that is trusted`() async throws {
        try await DaemonSuite.run { suite in
            let pem = "\(suite.directory.path)/receiver.pem"
            let made = try await ProgramProcess.$directory.withValue("/usr/bin") {
                try await ProgramProcess.run(
                    "openssl",
                    [
                        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost", "-keyout", pem + ".key", "-out", pem + ".crt",
                    ], in: suite.directory.path)
            }
            try #require(made.exit == .code(0), "\(made.errors)")
            let both = try String(contentsOfFile: pem + ".key", encoding: .utf8) + String(contentsOfFile: pem + ".crt", encoding: .utf8)
            _ = try suite.directory.write(both, to: "receiver.pem")
            let receiver = try WebhookReceiver(in: suite.directory, certificate: pem)
            let environment = try receiver.environment(in: suite.directory, url: "https://localhost:\(receiver.port)/hook")
            try await suite.start([.inventory, .payment])
            try await suite.start(.order, environment: environment)
            let order = try await RESTClient(.order).place()
            try await eventually("a certificate that is not trusted") {
                try suite[.order].log.contains("CERTIFICATE_VERIFY_FAILED") ? () : nil
            }
            #expect(try receiver.webhooks.isEmpty)
            try await suite[.order].stop()
            try await suite.start(.order, environment: environment.merging(["SAGAD_ORDER_WEBHOOK_CA_FILE": pem + ".crt"]) { $1 })
            #expect(try await receiver.webhooks(of: order).first?.problem == nil)
        }
    }

    @Test func `a webhook without its secret, or with one that is none, is a configuration error`() async throws {
        try await DaemonSuite.run { suite in
            let url = ["SAGAD_ORDER_WEBHOOK_URL": "http://127.0.0.1:9/"]
            let unsigned = try suite.launch(.order, environment: url)
            let outcome = try await unsigned.ended()
            #expect(outcome.exit == .code(78))
            #expect(outcome.errors.contains("webhook.secret"))
            let none = try await ProgramProcess.run(
                "saga-orderd", ["--config", suite.configurationFile, "--check-config"], environment: url, in: suite.directory.path)
            #expect(none.exit == .code(0), "who only checks the file need not have the secret")
            _ = try await suite.start(.payment, environment: url)

            for file in ["/nowhere/ca.pem", try suite.directory.write("no certificate", to: "ca.pem")] {
                let untrusting = try await ProgramProcess.run(
                    "saga-orderd", ["--config", suite.configurationFile, "--check-config"],
                    environment: url.merging(["SAGAD_ORDER_WEBHOOK_CA_FILE": file]) { $1 }, in: suite.directory.path)
                #expect(untrusting.exit == .code(78))
                #expect(untrusting.errors.contains("order.webhook.caFile: \(file)"), "\(untrusting.errors)")
            }

            try FileManager.default.createDirectory(atPath: "\(suite.directory.path)/credentials", withIntermediateDirectories: true)
            for secret in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!"] {
                _ = try suite.directory.write(secret, to: "credentials/webhook.secret")
                let refused = try await ProgramProcess.run(
                    "saga-orderd", ["--config", suite.configurationFile],
                    environment: url.merging(["CREDENTIALS_DIRECTORY": "\(suite.directory.path)/credentials"]) { $1 },
                    in: suite.directory.path)
                #expect(refused.exit == .code(78), "\(secret)")
                #expect(secret.count < 8 || !refused.errors.contains(secret), "a secret is not shown")
            }
        }
    }
}

extension DaemonSuite {
    /// Of a service that need not run.
    fileprivate func query(_ sql: String, at service: ServiceName) async throws -> String {
        let outcome = try await ProgramProcess.$directory.withValue("/usr/bin") {
            try await ProgramProcess.run("sqlite3", [stateDirectory(of: service) + "/saga.db", sql], in: directory.path)
        }
        try #require(outcome.exit == .code(0), "\(outcome.errors)")
        return outcome.output.split(separator: "\n").joined(separator: "\n")
    }
}
