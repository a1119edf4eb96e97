import Foundation
import Saga
import SagaStore
import Store
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// Somebody outside locks the database: nothing is falsely acknowledged, and everything goes on when he lets go.
@Suite(.showingLogs) struct LockedDatabaseTests {
    /// Holds the lock as long as it lives.
    private struct Lock {
        private let connection: SQLiteConnection

        init(_ service: ServiceName, in suite: DaemonSuite) throws {
            connection = try SQLiteConnection(path: suite.stateDirectory(of: service) + "/saga.db", role: .writer)
            try connection.execute("BEGIN IMMEDIATE")
        }

        func release() throws {
            try connection.execute("ROLLBACK")
        }
    }

    @Test func `Fault 27, the database locked from outside for 10 s: 503 with Retry-After, then recovery`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "2s"
        try await DaemonSuite.run(settings) { suite in
            try await suite.start(.order)
            let orders = try RESTClient(.order)
            let id = try await orders.place()
            let lock = try Lock(.order, in: suite)
            let locked = ContinuousClock.now
            repeat {
                let refused = try await orders.post("/orders", json: RESTClient.body())
                #expect(refused.status == 503)
                #expect(refused["Retry-After"] == "1")
            } while locked.duration(to: .now) < .seconds(7)
            #expect(try await orders.post("/orders/\(id)/cancel").status == 503)
            #expect(try await orders.get("/orders/\(id)?wait=1s").json["status"]?.string == "PENDING")
            #expect(locked.duration(to: .now) >= .seconds(10))
            try lock.release()
            #expect(try await orders.decided(id)["reason"]?.string == "DEADLINE_EXCEEDED")
            #expect(try await orders.post("/orders", json: RESTClient.body()).status == 201)
        }
    }

    /// The simulated gateway never fails; what keeps a refund from being made here is a payment service that cannot write it down.
    @Test func `Fault 38, the compensation itself fails: retried until done, visible as waiting`() async throws {
        try await DaemonSuite.run(.patient) { suite in
            try await suite.start([.order, .payment])
            let (orders, payments) = (try RESTClient(.order), try RESTClient(.payment))
            let id = try await orders.place()
            try await payments.get("/payments/\(id)", until: "APPROVED")
            let lock = try Lock(.payment, in: suite)
            #expect(try await orders.post("/orders/\(id)/cancel").status == 200)
            // Two seconds of waiting for the lock, and more than one try.
            try await eventually("events that wait") {
                let reasons = try await suite.status(.payment)["reasons"]?.array ?? []
                return reasons.contains { $0.string?.hasPrefix("events wait") == true } ? () : nil
            }
            let trace = try JSONValue(parsing: Array(try await suite.sagactl("trace", id, "--json").output.utf8))
            #expect(trace["status"]?.string == "CANCELED")
            #expect(trace["waitingFor"]?.array?.contains(.string("payment")) == true)
            #expect(try await payments.get("/payments/\(id)").json["status"]?.string == "APPROVED")

            try lock.release()
            try await payments.get("/payments/\(id)", until: "REFUNDED")
            try await eventually("no more waiting for payment") {
                let trace = try JSONValue(parsing: Array(try await suite.sagactl("trace", id, "--json").output.utf8))
                return trace["waitingFor"]?.array?.contains(.string("payment")) == false ? () : nil
            }
            #expect(try await suite.emissions(of: id).filter { $0 == "PAYMENT_REFUNDED" }.count == 1)
        }
    }

    @Test func `a lock is among the reasons of /readyz, also where nobody wants to write, and no longer than it lasts`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let payments = try RESTClient(.payment)
            try await payments.get("/readyz", until: "ready")
            let lock = try Lock(.payment, in: suite)
            try await eventually("the lock among the reasons", within: .seconds(10)) {
                let reasons = try await payments.get("/readyz").json["reasons"]?.array ?? []
                return reasons.contains { $0.string?.contains("locked by another process") == true } ? () : nil
            }
            try lock.release()
            try await payments.get("/readyz", until: "ready")
        }
    }

    @Test func `SIGTERM ends the daemon in time even so`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "100ms"
        try await DaemonSuite.run(settings) { suite in
            let daemon = try await suite.start(.order)
            let lock: Lock
            let orders = try RESTClient(.order)
            _ = try await orders.place()
            lock = try Lock(.order, in: suite)
            // Nobody waits for an answer, but by the time of it the deadline has passed and met the lock.
            _ = try await orders.post("/orders", json: RESTClient.body())
            let start = ContinuousClock.now
            #expect(try await daemon.stop(within: .seconds(30)) == .code(0))
            #expect(ContinuousClock.now - start < .seconds(6))
            try lock.release()
        }
    }
}
