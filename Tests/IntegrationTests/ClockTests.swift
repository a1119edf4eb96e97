import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

/// The time of day jumps while the daemons run.
@Suite(.showingLogs) struct ClockTests {
    private static let day = 86400

    @Test(arguments: [day, -day])
    func `Fault 29, the clock jumps a day while running: deadlines follow the monotonic clock, no mass cancellation`(
        _ jump: Int
    ) async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "10s"
        try await DaemonSuite.run(settings) { suite in
            let faults = try FaultInjection()
            try await suite.start(.order, environment: faults.environment)
            let orders = try RESTClient(.order)
            let placed = ContinuousClock.now
            var waiting: [String] = []
            for _ in 0..<20 { waiting.append(try await orders.place()) }
            try faults.start(.clock, jump)
            let later = try await orders.place()
            let early = try await orders.get("/orders/\(waiting[0])").json
            let late = try await orders.get("/orders/\(later)?wait=2s").json
            // The clock did jump: by it, the first orders are overdue, or not due before tomorrow.
            #expect(early["createdAt"]?.string?.prefix(10) != late["createdAt"]?.string?.prefix(10))
            #expect(late["status"]?.string == "PENDING")
            #expect(try await orders.get("/orders?status=PENDING").json["orders"]?.array?.count == 21)

            // By their own clock they are due all the same.
            #expect(try await orders.decided(waiting[0])["reason"]?.string == "DEADLINE_EXCEEDED")
            #expect(placed.duration(to: .now) >= .seconds(10))

            // What is undecided yet is decided by those who come, whatever their clocks say.
            let last = try await orders.place()
            try await suite.start([.inventory, .payment])
            #expect(try await orders.decided(last)["status"]?.string == "APPROVED")
        }
    }

    @Test func `Fault 48, the wall clock 8 days ahead: an idempotency key still finds its order, also after a restart`() async throws {
        try await DaemonSuite.run { suite in
            let faults = try FaultInjection()
            try await suite.start(.order, environment: faults.environment)
            let orders = try RESTClient(.order)
            let key = [("Idempotency-Key", "one")]
            let first = try await orders.post("/orders", json: RESTClient.body(), headers: key)
            #expect(first.status == 201)
            try await suite[.order].stop()

            try faults.start(.clock, 8 * Self.day)
            let daemon = try await suite.start(.order, environment: faults.environment)
            // What expires is deleted at the start, or is not.
            try await eventually("a look at what has expired") { daemon.log.contains("last at work") ? () : nil }
            #expect(try await orders.post("/orders", json: RESTClient.body(), headers: key).json["orderId"] == first.json["orderId"])
        }
    }
}
