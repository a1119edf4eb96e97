import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Store
import Testing
import Wire

/// What only the gateway, or the order service, can tell of the money, and what sagactl does about it.
@Suite(.showingLogs) struct GatewayReconcileTests {
    private func problems(_ suite: DaemonSuite) async throws -> [String: JSONValue] {
        let outcome = try await suite.sagactl("reconcile", "--json")
        let problems = try #require(try JSONValue(parsing: Array(outcome.output.utf8))["problems"]?.array, "\(outcome.errors)")
        return Dictionary(problems.map { ($0["orderId"]?.string ?? "", $0) }) { first, _ in first }
    }

    private func repair(_ order: String, _ suite: DaemonSuite) async throws -> (isRepaired: Bool, errors: String) {
        let outcome = try await suite.sagactl("reconcile", "--repair", "--order", order, "--yes")
        return (outcome.exit == .code(0), outcome.errors)
    }

    private func alter(_ database: String, _ sql: String) throws {
        try SQLiteConnection(path: database, role: .writer).execute(sql)
    }

    @Test func `what the gateway says otherwise is named, and mended where that can be done under the old key`() async throws {
        try await GatewayProvider.run { suite, provider, orders, payments in
            var ids: [String] = []
            for user in [1, 1, 1, 2] {
                ids.append(try await orders.place(user: user))
                _ = try await orders.decided(ids.last!)
            }
            for id in ids[..<3] { try await RESTClient(.inventory).get("/reservations/\(id)", until: "COMMITTED") }
            #expect(try await problems(suite).isEmpty)
            try alter(
                provider.ledger,
                """
                DELETE FROM charge WHERE order_id = '\(ids[0])';
                UPDATE charge SET status = 'REFUNDED' WHERE order_id = '\(ids[1])';
                UPDATE charge SET status = 'APPROVED' WHERE order_id = '\(ids[3])';
                """)
            let found = try await problems(suite)
            #expect(Set(found.keys) == [ids[0], ids[1], ids[3]])
            for (id, problem) in found {
                #expect(problem["kind"]?.string == "gateway-mismatch")
                #expect(problem["repair"]?.string == "sagactl reconcile --repair --order \(id)")
            }
            #expect(found[ids[0]]?["problem"]?.string?.contains("APPROVED, but the gateway knows nothing of") == true)
            #expect(found[ids[1]]?["problem"]?.string?.contains("APPROVED, but the gateway says REFUNDED") == true)
            #expect(found[ids[3]]?["problem"]?.string?.contains("FAILED, but the gateway says APPROVED") == true)

            let key = try await payments.get("/payments/\(ids[0])").json["paymentId"]
            #expect(try await repair(ids[0], suite).isRepaired)
            #expect(try await provider.charges(of: ids[0]).map { $0["paymentId"] } == [key])
            #expect(try await repair(ids[3], suite).isRepaired)
            #expect(try await provider.charges(of: ids[3]).map { $0["status"]?.string } == ["REFUNDED"])
            // The money was given back there, though the order is approved: no program decides about that.
            let byHand = try await repair(ids[1], suite)
            #expect(!byHand.isRepaired && byHand.errors.contains("by hand"), "\(byHand.errors)")
            #expect(try await Set(problems(suite).keys) == [ids[1]])
        }
    }

    @Test func `a gateway that cannot be asked what became of a charge is not compared`() async throws {
        try await GatewayProvider.run { suite, provider, orders, _ in
            let id = try await orders.place()
            _ = try await orders.decided(id)
            try await RESTClient(.inventory).get("/reservations/\(id)", until: "COMMITTED")
            try await provider.misbehave(#"[{"on":"lookup","kind":"status","status":501},{"on":"lookup","kind":"status","status":500}]"#)
            let notOffered = try await suite.sagactl("reconcile")
            #expect(notOffered.exit == .code(0) && notOffered.errors.isEmpty, "\(notOffered.errors)")
            let failing = try await suite.sagactl("reconcile")
            #expect(failing.exit == .code(0) && failing.errors.contains("not compared with the gateway"), "\(failing.errors)")
        }
    }

    @Test func `a payment that the gateway has not answered about for a minute is named, and asked about at once`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "10m"
        try await DaemonSuite.run(settings) { suite in
            let provider = try GatewayProvider(in: suite.directory)
            try await provider.ready()
            try await suite.start([.order, .inventory])
            try await suite.start(.payment, environment: provider.environment())
            try await provider.misbehave(#"[{"on":"charge","kind":"status","status":401,"times":2}]"#)
            let id = try await RESTClient(.order).place()
            try await RESTClient(.payment).get("/payments/\(id)", until: "PENDING")
            // Young, it is not named.
            #expect(try await problems(suite)[id] == nil)
            try await suite[.payment].stop()
            try alter(
                suite.stateDirectory(of: .payment) + "/saga.db", "UPDATE payment SET updated_at = updated_at - 61000000")
            try await suite.start(.payment, environment: provider.environment())
            try await eventually("refused again") {
                try await suite.admin(.payment).get("/readyz").text.contains("it answered 401") ? () : nil
            }
            let problem = try await problems(suite)[id]
            #expect(problem?["kind"]?.string == "unsettled")
            #expect(problem?["repair"]?.string == "sagactl reconcile --repair --order \(id)")
            #expect(try await repair(id, suite).isRepaired)
            try await RESTClient(.payment).get("/payments/\(id)", until: "APPROVED")
            #expect(try await provider.charges(of: id).count == 1)
        }
    }

    @Test func `an order that was charged again, as its payment was lost, is named`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let id = try await RESTClient(.order).place()
            _ = try await RESTClient(.order).decided(id)
            try await RESTClient(.inventory).get("/reservations/\(id)", until: "COMMITTED")
            try await suite[.payment].stop()
            try FileManager.default.removeItem(atPath: suite.stateDirectory(of: .payment))
            // A provider that knows nothing of the first charge, as the simulated gateway made that.
            let provider = try GatewayProvider(in: suite.directory)
            try await provider.ready()
            try await suite.start(.payment, environment: provider.environment())
            let again = try await suite.sagactl("events", "republish", "--order", id)
            #expect(again.exit == .code(0), "\(again.errors)")
            let problem = try await eventually("charged twice") { try await problems(suite)[id] }
            #expect(problem["kind"]?.string == "charged-twice")
            #expect(problem["repair"]?.string == "sagactl trace \(id)")
            #expect(try await !repair(id, suite).isRepaired)
        }
    }
}
