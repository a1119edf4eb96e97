import Saga
import SagaStore
import Store
import SagaTestSupport
import ServiceTestSupport
import Testing

/// The deadline, where an order cannot be written: as with a mistake in the program, or a row somebody damaged.
@Suite(.showingLogs) struct DeadlineTests {
    private func alter(_ suite: DaemonSuite, _ sql: String) throws {
        try SQLiteConnection(path: suite.stateDirectory(of: .order) + "/saga.db", role: .writer).execute(sql)
    }

    /// An order service that can take orders of user 666, but not change them.
    private func start(_ suite: DaemonSuite) async throws -> RESTClient {
        try await suite.start(.order)
        try await suite[.order].stop()
        try alter(
            suite,
            """
            CREATE TRIGGER obstacle BEFORE UPDATE ON orders WHEN new.user_id = 666
            BEGIN SELECT RAISE(ABORT, 'boom'); END
            """)
        try await suite.start(.order)
        return try RESTClient(.order)
    }

    @Test func `an order that cannot be canceled holds up no other, and is canceled once it can be`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "2s"
        try await DaemonSuite.run(settings) { suite in
            let orders = try await start(suite)
            let older = try await orders.place()
            let stuck = try await orders.place(user: 666)
            let newer = try await orders.place()
            #expect(try await orders.decided(older)["reason"]?.string == "DEADLINE_EXCEEDED")
            #expect(try await orders.decided(newer)["reason"]?.string == "DEADLINE_EXCEEDED")
            // Placed when the other has failed already.
            #expect(try await orders.decided(orders.place())["reason"]?.string == "DEADLINE_EXCEEDED")
            #expect(try await orders.get("/orders/\(stuck)").json["status"]?.string == "PENDING")
            #expect(try suite[.order].log.split(separator: "\n").count { $0.contains("could not be canceled") } == 1)

            try await suite[.order].stop()
            try alter(suite, "DROP TRIGGER obstacle")
            try await suite.start(.order)
            #expect(try await orders.decided(stuck)["reason"]?.string == "DEADLINE_EXCEEDED")
        }
    }

    @Test func `reconcile names an order that is stuck, for how long, and what to do`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "2s"
        try await DaemonSuite.run(settings) { suite in
            let orders = try await start(suite)
            try await suite.start([.inventory, .payment])
            let stuck = try await orders.place(user: 666)
            let letter = try await eventually("a dead letter") {
                let letters = try await suite.admin(.order).get("/dead-letters").json["deadLetters"]?.array ?? []
                return letters.count == 2 ? letters[0]["id"]?.string : nil
            }
            let trace = try await suite.sagactl("trace", stuck, "--json").output
            #expect(trace.contains(#""waitingFor":["order"]"#))
            let found = try await suite.sagactl("reconcile")
            #expect(found.exit == .code(1))
            #expect(found.output.contains("order \(stuck)  undecided\n  PENDING since "))
            #expect(found.output.contains("past its deadline, though its payment is APPROVED and its reservation is RESERVED"))
            #expect(found.output.contains("; but order holds up its events since "))
            #expect(found.output.contains("\n  sagactl dead-letters retry \(letter)"))
        }
    }
}
