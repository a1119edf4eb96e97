import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// The real payment daemon in front of a provider that misbehaves: whatever happens, an order is charged once or not at all.
@Suite(.showingLogs) struct GatewayTests {
    @Test func `an order is charged through the provider, and approved`() async throws {
        try await GatewayProvider.run { _, provider, orders, payments in
            let id = try await orders.place()
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
            let payment = try await payments.get("/payments/\(id)", until: "APPROVED")
            let charges = try await provider.charges(of: id)
            #expect(charges.map { $0["paymentId"] } == [payment["paymentId"]])
            #expect(charges.first?["status"]?.string == "APPROVED")
            #expect(charges.first?["amount"]?.integer == 1000)
        }
    }

    @Test func `what the provider declines fails the order`() async throws {
        try await GatewayProvider.run { _, provider, orders, payments in
            let id = try await orders.place(user: 2)
            let order = try await orders.decided(id)
            #expect(order["reason"]?.string == "PAYMENT_FAILED")
            #expect(try await payments.get("/payments/\(id)", until: "FAILED")["reason"]?.string == "DECLINED")
            #expect(try await provider.charges(of: id).first?["status"]?.string == "DECLINED")
        }
    }

    @Test func `Fault 54, what is not known is asked again under the same key until it is`() async throws {
        try await GatewayProvider.run { _, provider, orders, _ in
            // Charged with no answer, nothing done, an error after having charged, no answer in time, and no JSON: never a decline.
            try await provider.misbehave(
                """
                [{"on":"charge","kind":"lose"},{"on":"charge","kind":"drop"},{"on":"charge","kind":"late-status","status":500},
                 {"on":"charge","kind":"delay","seconds":1.5},{"on":"charge","kind":"garbage"}]
                """)
            let id = try await orders.place()
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
            let charges = try await provider.charges(of: id)
            #expect(charges.count == 1)
            #expect((charges.first?["requests"]?.integer ?? 0) >= 5)
        }
    }

    @Test func `an order that is canceled before its charge is known is charged, and given back`() async throws {
        try await GatewayProvider.run(timeout: "300ms") { _, provider, orders, payments in
            try await provider.misbehave(#"[{"on":"charge","kind":"late-status","status":503,"times":4}]"#)
            let id = try await orders.place()
            try await payments.get("/payments/\(id)", until: "PENDING")
            try await orders.cancel(id)
            try await payments.get("/payments/\(id)", until: "REFUNDED")
            #expect(try await provider.charges(of: id).map { $0["status"]?.string } == ["REFUNDED"])
        }
    }

    @Test func `a refund is asked for until it is confirmed`() async throws {
        try await GatewayProvider.run { _, provider, orders, payments in
            try await provider.misbehave(#"[{"on":"refund","kind":"lose"},{"on":"refund","kind":"status","status":500}]"#)
            // Out of stock: charged, and given back.
            let id = try await orders.place(product: 2, quantity: 6)
            #expect(try await orders.decided(id)["reason"]?.string == "INVENTORY_FAILED")
            let end = try await payments.get("/payments/\(id)", until: "REFUNDED", "VOID")
            let charges = try await provider.charges(of: id).map { $0["status"]?.string }
            #expect(charges == (end["status"]?.string == "VOID" ? [] : ["REFUNDED"]))
        }
    }

    @Test(arguments: ["lose", "hang", "drop"])
    func `Fault 55, a charge that was under way when payment was killed is asked for again, under the same key`(_ fault: String)
        async throws
    {
        try await GatewayProvider.run { suite, provider, orders, payments in
            try await provider.misbehave(#"[{"on":"charge","kind":"\#(fault)","times":1000}]"#)
            let id = try await orders.place()
            let pending = try await payments.get("/payments/\(id)", until: "PENDING")
            try await eventually("the provider is asked") {
                (try await provider.client.get("/faults").json["pending"]?.array?.first?["times"]?.integer ?? 1000) < 1000 ? () : nil
            }
            try await suite[.payment].crash()
            try await provider.misbehave("[]")
            try await suite.start(.payment, environment: provider.environment())
            let approved = try await payments.get("/payments/\(id)", until: "APPROVED")
            #expect(approved["paymentId"] == pending["paymentId"])
            #expect(try await provider.charges(of: id).count == 1)
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
        }
    }

    @Test func `a provider that says the configuration is wrong makes payment degraded, and declines nothing`() async throws {
        try await GatewayProvider.run { suite, provider, orders, payments in
            try await provider.misbehave(#"[{"on":"charge","kind":"status","status":401}]"#)
            let id = try await orders.place()
            try await eventually("payment is degraded") {
                let status = try await suite.admin(.payment).get("/status").json
                let reasons = status["reasons"]?.array?.compactMap(\.string) ?? []
                return reasons.contains { $0.contains("401") } ? () : nil
            }
            #expect(try await payments.get("/payments/\(id)").json["status"]?.string == "PENDING")
            #expect(try await orders.get("/orders/\(id)").json["status"]?.string == "PENDING")
        }
    }

    @Test func `Fault 54, a provider that is away opens the circuit, and closes it when it is back`() async throws {
        try await GatewayProvider.run { suite, provider, orders, payments in
            provider.process.signal(SIGKILL)
            try await provider.process.exited()
            var ids: [String] = []
            for _ in 0..<12 { ids.append(try await orders.place()) }
            try await eventually("the circuit is open") {
                try await suite.admin(.payment).get("/metrics").text.contains("\nsaga_gateway_circuit_open 1") ? () : nil
            }
            let back = try GatewayProvider(in: suite.directory, port: provider.port)
            try await back.ready()
            for id in ids {
                try await payments.get("/payments/\(id)", until: "APPROVED")
                #expect(try await back.charges(of: id).count == 1)
            }
            #expect(try await suite.admin(.payment).get("/metrics").text.contains("\nsaga_gateway_circuit_open 0"))
        }
    }
}
