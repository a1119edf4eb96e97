import Saga
import SagaStore
import Store
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// Books that somebody has damaged are mended with the command that reconcile names.
@Suite(.showingLogs) struct RepairTests {
    private func alter(_ service: ServiceName, in suite: DaemonSuite, _ sql: String...) throws {
        let connection = try SQLiteConnection(path: suite.stateDirectory(of: service) + "/saga.db", role: .writer)
        for statement in sql { try connection.execute(statement) }
    }

    private func problems(_ suite: DaemonSuite, _ arguments: String...) async throws -> [JSONValue] {
        let outcome = try await ProgramProcess.run(
            "sagactl", ["--runtime-directory", "\(suite.directory.path)/run", "reconcile", "--json"] + arguments, in: suite.directory.path)
        return try #require(try JSONValue(parsing: Array(outcome.output.utf8))["problems"]?.array)
    }

    @Test func `each kind of damage is found once, named with its repair, and mended`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "600s"
        try await DaemonSuite.run(settings) { suite in
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            var ids: [String] = []
            for _ in 0..<6 { ids.append(try await orders.place()) }
            for id in ids { #expect(try await orders.decided(id)["status"]?.string == "APPROVED") }
            let canceled = try await orders.place(user: 2)
            _ = try await orders.decided(canceled)
            try await RESTClient(.inventory).get("/reservations/\(canceled)", until: "RELEASED")
            for id in ids { try await RESTClient(.inventory).get("/reservations/\(id)", until: "COMMITTED") }
            for service in ServiceName.allCases { #expect(try await suite[service].stop() == .code(0)) }

            func blob(_ id: String) -> String { "x'\(id.filter { $0 != "-" })'" }
            try alter(
                .order, in: suite, "DELETE FROM orders WHERE order_id IN (\(blob(ids[2])), \(blob(ids[3])))",
                "UPDATE orders SET status = 0, inventory = 0, payment = 0 WHERE order_id = \(blob(ids[4]))",
                "DELETE FROM inbox WHERE order_id = \(blob(ids[4]))")
            try alter(
                .inventory, in: suite, "DELETE FROM reservation WHERE order_id = \(blob(ids[0]))",
                "UPDATE reservation SET status = 'RESERVED' WHERE order_id = \(blob(canceled))",
                "UPDATE stock SET reserved = reserved + 1, available = available - 1 WHERE product_id = 1",
                "UPDATE stock SET sold = 77 WHERE product_id = 2")
            try alter(.payment, in: suite, "DELETE FROM payment WHERE order_id IN (\(blob(ids[1])), \(blob(ids[3])))")
            try await suite.start(ServiceName.allCases)

            let found = try await problems(suite)
            let kinds = [
                ids[0]: "reservation-missing", ids[1]: "payment-missing", ids[2]: "unknown-order", ids[3]: "unknown-order",
                ids[4]: "undecided", canceled: "not-compensated",
            ]
            for (id, kind) in kinds {
                let own = found.filter { $0["orderId"]?.string == id }
                #expect(own.count == 1 && own.first?["kind"]?.string == kind, "\(kind): \(own)")
                #expect(own.first?["repair"]?.string == "sagactl reconcile --repair --order \(id)")
            }
            #expect(found.contains { $0["productId"]?.integer == 2 && $0["kind"]?.string == "stock-mismatch" })

            // Without somebody to ask nothing is done; looking does nothing either.
            #expect(try await suite.sagactl("reconcile", "--repair").exit == .code(64))
            #expect(try await problems(suite, "--repair", "--dry-run").count == found.count)
            // One alone, by the command that was named.
            #expect(try await suite.sagactl("reconcile", "--repair", "--order", ids[0], "--yes").exit == .code(0))
            let mended = try await suite.sagactl("reconcile", "--repair", "--yes", "--json")
            #expect(mended.exit == .code(0), "\(mended.output) \(mended.errors)")
            #expect(try await problems(suite).isEmpty)

            #expect(try await orders.get("/orders/\(ids[2])").json["status"]?.string == "APPROVED")
            #expect(try await orders.get("/orders/\(ids[3])").status == 404)
            #expect(try await RESTClient(.inventory).get("/reservations/\(ids[3])").json["status"]?.string == "RELEASED")
            #expect(try await orders.get("/orders/\(ids[4])").json["status"]?.string == "APPROVED")
            #expect(try await RESTClient(.payment).get("/payments/\(ids[1])").json["amount"]?.integer == 1000)
            let stock = try await RESTClient(.inventory).get("/inventory/1").json
            #expect(stock["available"]?.integer == 999_995 && stock["reserved"]?.integer == 0 && stock["sold"]?.integer == 5)
        }
    }

    @Test func `while orders flow what is damaged is mended, and nothing else is touched`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            let damaged = try await orders.place()
            _ = try await orders.decided(damaged)
            try await RESTClient(.inventory).get("/reservations/\(damaged)", until: "COMMITTED")
            #expect(try await suite[.payment].stop() == .code(0))
            try alter(.payment, in: suite, "DELETE FROM payment")
            try await suite.start(.payment)

            let isDone = Observed(false)
            async let load: Int = {
                var count = 0
                while !isDone.state {
                    _ = try await orders.place(user: count % 4 == 3 ? 2 : 1)
                    count += 1
                }
                return count
            }()
            let mended = try await suite.sagactl("reconcile", "--repair", "--yes", "--json")
            isDone.change { $0 = true }
            let placed = try await load
            #expect(placed > 0)
            #expect(mended.exit == .code(0), "\(mended.output) \(mended.errors)")
            let problems = try JSONValue(parsing: Array(mended.output.utf8))["problems"]?.array ?? []
            #expect(problems.map { $0["orderId"]?.string } == [damaged], "\(problems)")
            try await eventually("that all agrees", within: .seconds(60)) {
                try await suite.sagactl("reconcile", "--json").output == #"{"problems":[]}"# + "\n" ? () : nil
            }
            #expect(try await RESTClient(.payment).get("/payments/\(damaged)").json["status"]?.string == "APPROVED")
        }
    }
}
