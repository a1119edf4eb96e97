import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// The real payment daemon and answers of every kind that a provider could give.
@Suite(.showingLogs) struct GatewayAnswerTests {
    /// Charged or not, the provider does not say so in a way that counts; then it does.
    @Test(arguments: [
        #"{"on":"charge","kind":"status","status":402}"#,
        #"{"on":"charge","kind":"status","status":402,"body":""}"#,
        #"{"on":"charge","kind":"late-status","status":200,"body":{"status":"DECLINED"}}"#,
        #"{"on":"charge","kind":"late-status","status":202,"body":{"status":"APPROVED"}}"#,
        #"{"on":"charge","kind":"late-status","status":409}"#,
        #"{"on":"charge","kind":"late-status","status":500,"body":{"status":"DECLINED"}}"#,
        #"{"on":"charge","kind":"late-status","status":307}"#,
        #"{"on":"charge","kind":"trickle","seconds":0.02}"#,
        #"{"on":"charge","kind":"endless"}"#,
        #"{"on":"charge","kind":"garbage"}"#,
    ])
    func `Fault 54, an answer that does not count is no decline: asked again under the same key, and charged once`(_ fault: String)
        async throws
    {
        try await GatewayProvider.run { _, provider, orders, payments in
            try await provider.misbehave("[\(fault)]")
            let id = try await orders.place()
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
            let charges = try await provider.charges(of: id)
            #expect(charges.count == 1)
            #expect(charges.first?["paymentId"] == (try await payments.get("/payments/\(id)", until: "APPROVED")["paymentId"]))
        }
    }

    @Test func `Fault 54, an answer that comes twice is not taken for that of the next charge`() async throws {
        try await GatewayProvider.run { _, provider, orders, _ in
            try await provider.misbehave(#"[{"on":"charge","kind":"twice","times":3}]"#)
            for (user, status) in [(1, "APPROVED"), (2, "CANCELED"), (3, "APPROVED"), (2, "CANCELED")] {
                let id = try await orders.place(user: user)
                #expect(try await orders.decided(id)["status"]?.string == status)
                #expect(try await provider.charges(of: id).count == 1)
            }
        }
    }

    @Test(arguments: [429, 503])
    func `Retry-After is followed`(_ status: Int) async throws {
        try await GatewayProvider.run { _, provider, orders, _ in
            try await provider.misbehave(#"[{"on":"charge","kind":"status","status":\#(status),"retryAfter":2}]"#)
            let start = ContinuousClock.now
            let id = try await orders.place()
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
            #expect(start.duration(to: .now) >= .seconds(2))
        }
    }

    @Test func `at most 64 are asked about at once`() async throws {
        try await GatewayProvider.run(timeout: "30s") { _, provider, orders, _ in
            try await provider.misbehave(#"[{"on":"charge","kind":"delay","seconds":2,"times":100}]"#)
            var ids: [String] = []
            for _ in 0..<100 { ids.append(try await orders.place()) }
            for id in ids { #expect(try await orders.decided(id)["status"]?.string == "APPROVED") }
            #expect(try await provider.mostAtOnce == 64)
        }
    }

    @Test func `the token goes along, and is shown nowhere`() async throws {
        try await DaemonSuite.run { suite in
            let token = "s3cret-of-the-gateway"
            let provider = try GatewayProvider(in: suite.directory, token: token)
            try await provider.ready()
            try await suite.start([.order, .inventory])
            let daemon = try await suite.start(.payment, environment: provider.environment())
            let (orders, payments) = (try RESTClient(.order), try RESTClient(.payment))
            let id = try await orders.place()
            try await eventually("refused") {
                try await suite.admin(.payment).get("/readyz").text.contains("it answered 401") ? () : nil
            }
            #expect(try await payments.get("/payments/\(id)").json["status"]?.string == "PENDING")
            try await daemon.stop()

            _ = try suite.directory.write("\(token)\n", to: "payment.gateway-token")
            try await suite.start(
                .payment, environment: provider.environment().merging(["CREDENTIALS_DIRECTORY": suite.directory.path]) { $1 })
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
            for target in ["/config", "/status", "/metrics", "/config/keys"] {
                #expect(try await !suite.admin(.payment).get(target).text.contains(token))
            }
            let log = try String(contentsOfFile: "\(suite.directory.path)/payment.err", encoding: .utf8)
            #expect(log.contains("401") && !log.contains(token))
        }
    }

    @Test func `payments that an earlier gateway has not settled are said to wait, until there is one again`() async throws {
        try await DaemonSuite.run { suite in
            let provider = try GatewayProvider(in: suite.directory)
            try await provider.ready()
            try await provider.misbehave(#"[{"on":"charge","kind":"drop","times":1000}]"#)
            try await suite.start([.order, .inventory])
            let charging = try await suite.start(.payment, environment: provider.environment())
            let (orders, payments) = (try RESTClient(.order), try RESTClient(.payment))
            let id = try await orders.place()
            try await payments.get("/payments/\(id)", until: "PENDING")
            try await charging.stop()

            let simulating = try await suite.start(.payment)
            let reason = "payments wait for the gateway that was configured before: payment.gateway.kind was http (1)"
            #expect(try await suite.admin(.payment).get("/status").text.contains(reason))
            try await simulating.stop()

            try await provider.misbehave("[]")
            try await suite.start(.payment, environment: provider.environment())
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
            #expect(try await !suite.admin(.payment).get("/status").text.contains("configured before"))
        }
    }

    @Test func `a provider with a certificate of its own is trusted with caFile alone`() async throws {
        try await DaemonSuite.run { suite in
            let directory = suite.directory.path
            let openssl = try ProgramProcess.$directory.withValue("/usr/bin") {
                try ProgramProcess(
                    "openssl",
                    [
                        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost", "-keyout", "\(directory)/key.pem", "-out", "\(directory)/ca.pem",
                    ], in: directory, label: "openssl")
            }
            try #require(try await openssl.exited() == .code(0))
            let pair = try ["key.pem", "ca.pem"].map { try String(contentsOfFile: "\(directory)/\($0)", encoding: .utf8) }.joined()
            let provider = try GatewayProvider(
                in: suite.directory, certificate: try suite.directory.write(pair, to: "pair.pem"))
            var environment = provider.environment(timeout: "5s")
            environment["SAGAD_PAYMENT_GATEWAY_URL"] = "https://localhost:\(provider.port)"

            try await suite.start([.order, .inventory])
            let stranger = try await suite.start(.payment, environment: environment)
            let (orders, payments) = (try RESTClient(.order), try RESTClient(.payment))
            let id = try await orders.place()
            try await eventually("not trusted") { stranger.log.contains("the gateway's answer is not known") ? () : nil }
            #expect(try await payments.get("/payments/\(id)").json["status"]?.string == "PENDING")
            try await stranger.stop()

            environment["SAGAD_PAYMENT_GATEWAY_CA_FILE"] = "\(directory)/ca.pem"
            try await suite.start(.payment, environment: environment)
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
        }
    }
}
