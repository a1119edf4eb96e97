import Glibc
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// Maintenance: an operator stops a part of the work and lets it go on.
@Suite(.showingLogs) struct PauseTests {
    private func reasons(_ suite: DaemonSuite, _ service: ServiceName) async throws -> [String] {
        try await suite.status(service)["reasons"]?.array?.compactMap(\.string) ?? []
    }

    @Test func `paused intake refuses new orders alone, and stays paused across a restart`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            let key = [("Idempotency-Key", "before")]
            let first = try await orders.post("/orders", json: RESTClient.body(), headers: key)
            #expect(first.status == 201)
            #expect(try await suite.sagactl("pause", "intake").exit == .code(0))

            for attempt in ["running", "restarted"] {
                let refused = try await orders.post("/orders", json: RESTClient.body())
                #expect(refused.status == 503, "\(attempt)")
                #expect(refused["Retry-After"] == "30")
                #expect(try await reasons(suite, .order).contains { $0.hasPrefix("intake is paused") })
                #expect(try await suite.sagactl("status").exit == .code(1))
                // What was answered before is answered again; what is under way ends.
                #expect(try await orders.post("/orders", json: RESTClient.body(), headers: key).status == 201)
                if attempt == "running" {
                    #expect(try await suite[.order].stop() == .code(0))
                    try await suite.start(.order)
                }
            }
            #expect(try await suite.sagactl("resume", "intake").exit == .code(0))
            #expect(try await orders.decided(orders.place())["status"]?.string == "APPROVED")
            #expect(try await reasons(suite, .order).allSatisfy { !$0.hasPrefix("intake") })
        }
    }

    @Test func `paused consumption leaves events where they are, ends cleanly meanwhile, and goes on where it was`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            #expect(try await suite.sagactl("pause", "consumption", "--service", "payment").exit == .code(0))
            let orders = try RESTClient(.order)
            let id = try await orders.place()
            let inventory = try RESTClient(.inventory)
            try await inventory.get("/reservations/\(id)", until: "RESERVED")
            try await eventually("the event waits") { try await suite.status(.payment)["lag"]?.integer ?? 0 > 0 ? () : nil }
            #expect(try await RESTClient(.payment).get("/payments/\(id)").status == 404)

            let begun = ContinuousClock.now
            #expect(try await suite[.payment].stop() == .code(0))
            #expect(begun.duration(to: .now) < .seconds(20))
            try await suite.start(.payment)
            try await eventually("the event waits again") { try await suite.status(.payment)["lag"]?.integer ?? 0 > 0 ? () : nil }
            #expect(try await RESTClient(.payment).get("/payments/\(id)").status == 404)
            #expect(try await reasons(suite, .payment).contains { $0.hasPrefix("consumption is paused") })

            #expect(try await suite.sagactl("resume", "consumption").exit == .code(0))
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
            #expect(try await suite.status(.payment)["state"]?.string == "ready")
        }
    }

    @Test func `only the order service takes in orders, and what cannot be paused is refused`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start([.order, .payment])
            #expect(try await suite.admin(.payment).post("/pause", json: #"{"what":"intake"}"#).status == 422)
            #expect(try await suite.admin(.order).post("/pause", json: #"{"what":"everything"}"#).status == 422)
            #expect(try await suite.admin(.order).post("/pause", json: #"{"what":"intake","for":"1s"}"#).status == 422)
            #expect(try await suite.status(.order)["reasons"]?.array?.contains { $0.string?.contains("paused") == true } != true)
        }
    }

    @Test func `who asked for a change is in the log`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            #expect(try await suite.sagactl("pause", "intake").exit == .code(0))
            try await eventually("the line") { try suite[.order].log.contains("POST /pause by user \(getuid()), process ") ? () : nil }
        }
    }
}
