import Saga
import SagaStore
import Store
import SagaTestSupport
import ServiceTestSupport
import Testing

/// An event of one order cannot be handled by one service, as with a mistake in it that an upgrade removes.
@Suite(.showingLogs) struct ParkedEventsTests {
    private typealias Letter = (id: String, kind: String?, behind: String?, attempts: Int64?)

    /// Between two runs of the daemon: nobody else opens its database.
    private func alter(_ service: ServiceName, of suite: DaemonSuite, _ sql: String) throws {
        try SQLiteConnection(path: suite.stateDirectory(of: service) + "/saga.db", role: .writer).execute(sql)
    }

    private func letters(_ suite: DaemonSuite, _ service: ServiceName) async throws -> [Letter] {
        let listed = try #require(try await suite.admin(service).get("/dead-letters").json["deadLetters"]?.array)
        return try listed.map { letter in
            (
                id: try #require(letter["id"]?.string), kind: letter["kind"]?.string, behind: letter["parkedBehind"]?.string,
                attempts: letter["attempts"]?.integer
            )
        }
    }

    /// An order of product 2 that inventory cannot reserve, and whose cancellation is parked there.
    private func park(_ suite: DaemonSuite) async throws -> (order: String, letters: [Letter]) {
        try await suite.start(.inventory)
        try await suite[.inventory].stop()
        try alter(
            .inventory, of: suite,
            """
            CREATE TRIGGER obstacle BEFORE INSERT ON reservation WHEN new.product_id = 2
            BEGIN SELECT RAISE(ABORT, 'no room for product 2'); END
            """)
        try await suite.start(ServiceName.allCases)
        let orders = try RESTClient(.order)
        let id = try await orders.place(product: 2, quantity: 3)
        try await RESTClient(.payment).get("/payments/\(id)", until: "APPROVED")
        #expect(try await orders.post("/orders/\(id)/cancel").status == 200)
        let parked = try await eventually("the cancellation is parked") {
            let letters = try await letters(suite, .inventory)
            return letters.count == 2 ? letters : nil
        }
        return (id, parked)
    }

    private func mend(_ suite: DaemonSuite) async throws {
        try await suite[.inventory].stop()
        try alter(.inventory, of: suite, "DROP TRIGGER obstacle")
        try await suite.start(.inventory)
    }

    @Test func `Fault 16, a retry that succeeds: it waited in order of arrival, others flowed, nothing is left behind`() async throws {
        try await DaemonSuite.run { suite in
            let (order, parked) = try await park(suite)
            let (orders, inventory) = (try RESTClient(.order), try RESTClient(.inventory))
            let head = parked[0].id
            #expect(parked.map(\.kind) == ["handler-failed", "parked"])
            #expect(parked.map(\.behind) == [nil, head])
            #expect(parked.map(\.attempts) == [1, 0])
            #expect(try await orders.decided(orders.place())["status"]?.string == "APPROVED")
            #expect(try await inventory.get("/reservations/\(order)").status == 404)

            #expect(try await suite.admin(.inventory).get("/status").json["deadLetters"]?.integer == 2)
            let metrics = try await suite.admin(.inventory).get("/metrics").text
            for kind in ["handler-failed", "parked"] { #expect(metrics.contains("\nsaga_dead_letters{kind=\"\(kind)\"} 1\n")) }
            let trace = try await suite.admin(.inventory).get("/trace/\(order)").json
            #expect(trace["heldBy"]?.string == head)
            #expect(trace["steps"]?.array?.map { $0["eventType"]?.string } == ["ORDER_CREATED", "ORDER_CANCELED"])
            #expect(trace["steps"]?.array?.allSatisfy { $0["outcome"]?.string == "dead-lettered" } == true)
            #expect(try await suite.sagactl("trace", order).output.contains("inventory holds it up: sagactl dead-letters show \(head)"))

            let early = try await suite.sagactl("dead-letters", "retry", parked[1].id)
            #expect(early.exit == .code(1) && early.errors.contains("parked behind \(head): retry or discard that one first"))
            let vain = try await suite.sagactl("dead-letters", "retry", "--all")
            #expect(vain.exit == .code(1) && vain.errors.contains("2 could not be handled and stay"))
            #expect(vain.output == "0 of 2 are handled\n")
            let shown = try await suite.sagactl("dead-letters", "--kind", "handler-failed").output
            #expect(shown.contains("no room for product 2 (SQLite 1811): a trigger in the database that is not the daemon's refused it"))
            #expect(!shown.contains(parked[1].id))
            #expect(try await letters(suite, .inventory).map(\.attempts) == [2, 0])

            try await mend(suite)
            #expect(try await letters(suite, .inventory).map(\.id) == parked.map(\.id))
            let retried = try await suite.sagactl("dead-letters", "retry", "--all")
            #expect(retried.exit == .code(0) && retried.output == "2 of 2 are handled\n")
            try await inventory.get("/reservations/\(order)", until: "RELEASED")
            #expect(try await inventory.get("/inventory/2").text == #"{"productId":2,"available":5,"reserved":0,"sold":0}"#)
            try await RESTClient(.payment).get("/payments/\(order)", until: "REFUNDED")
            #expect(try await letters(suite, .inventory).isEmpty)
            try await suite.drained(.inventory)
            let end = try await suite.sagactl("trace", order, "--json").output
            #expect(end.contains(#""waitingFor":[]"#))
            #expect(try await suite.sagactl("reconcile").exit == .code(0))
        }
    }

    @Test func `Fault 16, a discarded event: what is parked behind it is handled as if it had never come`() async throws {
        try await DaemonSuite.run { suite in
            let (order, parked) = try await park(suite)
            #expect(try await suite.sagactl("dead-letters", "discard", parked[0].id, "--yes").exit == .code(0))
            #expect(try await letters(suite, .inventory).isEmpty)
            #expect(try await RESTClient(.inventory).get("/reservations/\(order)", until: "VOID")["productId"] == nil)
            #expect(try await suite.sagactl("reconcile").exit == .code(0))
        }
    }

    @Test func `Fault 16, all discarded: what is parked goes, too, and is not handled in place of the one before it`() async throws {
        try await DaemonSuite.run { suite in
            let (order, parked) = try await park(suite)
            let admin = suite.admin(.inventory)
            func discard(_ body: String) async throws -> String { try await admin.post("/dead-letters/discard", json: body).text }
            #expect(try await discard(#"{"dryRun":true}"#) == #"{"discarded":0,"failed":0,"matched":2}"#)
            #expect(try await discard(#"{"kind":"schema"}"#) == #"{"discarded":0,"failed":0,"matched":0}"#)
            #expect(
                try await discard(#"{"topic":"order-events","before":"2000-01-01T00:00:00Z"}"#)
                    == #"{"discarded":0,"failed":0,"matched":0}"#)
            #expect(try await admin.post("/dead-letters/discard", json: #"{"all":true}"#).status == 422)
            #expect(try await letters(suite, .inventory).map(\.id) == parked.map(\.id))
            let page = try await admin.get("/dead-letters?limit=1").json
            #expect(page["nextCursor"]?.string == parked[0].id)
            let rest = try await admin.get("/dead-letters?limit=1&cursor=\(parked[0].id)").json
            #expect(rest["deadLetters"]?.array?.map { $0["id"]?.string } == [parked[1].id] && rest["nextCursor"] == nil)
            #expect(try await admin.get("/dead-letters?cursor=01890000-0000-7000-8000-000000000001").status == 400)
            #expect(try await admin.get("/dead-letters?kind=none").status == 400)
            #expect(try await suite.sagactl("dead-letters", "discard", "--all", "--yes").output == "2 of 2 are discarded\n")
            #expect(try await letters(suite, .inventory).isEmpty)
            #expect(try await RESTClient(.inventory).get("/reservations/\(order)").status == 404)
        }
    }
}
