import Saga
import SagaStore
import Store
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// More dead letters than a service may have: nothing is dropped, and somebody is told.
@Suite(.showingLogs) struct DeadLetterLimitTests {
    private func letters(_ suite: DaemonSuite) async throws -> [JSONValue] {
        try await suite.admin(.payment).get("/dead-letters").json["deadLetters"]?.array ?? []
    }

    private func reasons(_ suite: DaemonSuite) async throws -> [String] {
        try await suite.status(.payment)["reasons"]?.array?.compactMap(\.string) ?? []
    }

    private func alter(_ suite: DaemonSuite, _ sql: String) throws {
        try SQLiteConnection(path: suite.stateDirectory(of: .payment) + "/saga.db", role: .writer).execute(sql)
    }

    /// Payment, which is not running then, can handle nothing of user 666.
    private func obstruct(_ suite: DaemonSuite) async throws {
        try await suite.start(.payment)
        try await suite[.payment].stop()
        try alter(
            suite, "CREATE TRIGGER obstacle BEFORE INSERT ON payment WHEN new.user_id = 666 BEGIN SELECT RAISE(ABORT, 'boom'); END")
    }

    @Test(arguments: ["{ limit: 2 }", "{ bytes: 2KiB }"])
    func `beyond the limit no more is read, and what waits is handled once there is room`(_ limit: String) async throws {
        var settings = DaemonSuite.Settings()
        settings.more = "deadLetters: \(limit)"
        settings.deadline = "600s"
        try await DaemonSuite.run(settings) { suite in
            try await obstruct(suite)
            try await suite.start(.payment)
            try await suite.start(.order)
            let orders = try RESTClient(.order)
            for _ in 0..<8 { _ = try await orders.place(user: 666) }
            let good = try await orders.place()

            try await eventually("that no more is read") {
                try await reasons(suite).contains { $0.hasPrefix("no more of order-events is read") } ? () : nil
            }
            let waiting = try await letters(suite).count
            #expect(limit.contains("limit") ? waiting == 2 : (1...5).contains(waiting))
            #expect(try await reasons(suite).contains("\(waiting) dead letters wait: sagactl dead-letters"))
            #expect(try await suite.sagactl("status").exit == .code(2), "the inventory service is not there")
            #expect(try await RESTClient(.payment).get("/payments/\(good)").status == 404)

            // The cause is removed; each retry makes room for more, which then are none any more.
            try alter(suite, "DROP TRIGGER obstacle")
            #expect(try await suite.sagactl("dead-letters", "retry", "--all", "--service", "payment").exit == .code(0))
            try await RESTClient(.payment).get("/payments/\(good)", until: "APPROVED")
            #expect(try await letters(suite).isEmpty)
            #expect(try await reasons(suite).allSatisfy { !$0.contains("dead letter") })
        }
    }

    @Test func `where no more is read of one of the others, events of the third go on`() async throws {
        var settings = DaemonSuite.Settings()
        settings.more = "deadLetters: { limit: 1 }"
        try await DaemonSuite.run(settings) { suite in
            try await obstruct(suite)
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            for _ in 0..<3 { _ = try await orders.place(user: 666) }
            try await eventually("that no more is read") {
                try await reasons(suite).contains { $0.hasPrefix("no more of order-events is read") } ? () : nil
            }
            // Payment hears nothing of this order but that there is no stock for it.
            try await RESTClient(.payment).get("/payments/\(orders.place(product: 99))", until: "VOID")
            #expect(try await reasons(suite).contains { $0.hasPrefix("no more of order-events is read") })
        }
    }

    @Test func `over Kafka too, and what waits is handled in its turn once there is room`() async throws {
        var settings = KafkaSuite.Settings()
        settings.daemons.more = "deadLetters: { limit: 1 }"
        try await KafkaSuite.run(settings) { suite in
            try await suite.daemons.start(.payment)
            let key = ForeignEvent.newID()
            for number in 1...5 { try await suite.client.put(Array("garbage \(number)".utf8), on: .order, key: key, headers: []) }
            try await eventually("that no more is read") {
                try await reasons(suite.daemons).contains { $0.hasPrefix("no more of order-events is read") } ? () : nil
            }
            let waiting = ForeignEvent.newID()
            try await suite.client.tell(.created(waiting))
            for _ in 0..<20 {
                let order = ForeignEvent.newID()
                try await suite.client.tell(.noStock(order))
                try await RESTClient(.payment).get("/payments/\(order)", until: "VOID")
            }
            #expect(try await letters(suite.daemons).count == 1)
            #expect(try await RESTClient(.payment).get("/payments/\(waiting)").status == 404)
            let status = try await suite.daemons.status(.payment)
            #expect(status["state"]?.string == "degraded")
            #expect(status["reasons"]?.array?.compactMap(\.string).contains { $0.hasPrefix("no more of inventory-events") } == false)

            // Each that is discarded makes room for the next; the order may come before the last of them, from another partition.
            try await eventually("that all is read, and nothing waits", within: .seconds(60)) { () -> Void? in
                guard try await suite.daemons.sagactl("dead-letters", "discard", "--all", "--yes", "--service", "payment").exit == .code(0),
                    try await RESTClient(.payment).get("/payments/\(waiting)").status == 200
                else { return nil }
                return try await suite.daemons.status(.payment)["state"]?.string == "ready" ? () : nil
            }
            _ = try await suite.tap.event("PAYMENT_APPROVED", of: waiting)
        }
    }
}
