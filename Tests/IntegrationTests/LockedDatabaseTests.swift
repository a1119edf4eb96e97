import Foundation
import Saga
import SagaStore
import SagaTestSupport
import Testing

/// Somebody outside locks the database: nothing is falsely acknowledged, and everything goes on when he lets go.
@Suite(.showingLogs) struct LockedDatabaseTests {
    /// Holds the lock as long as it lives.
    private struct Lock {
        private let connection: Connection

        init(_ service: ServiceName, in suite: DaemonSuite) throws {
            connection = try Connection(path: suite.stateDirectory(of: service) + "/saga.db", role: .writer)
            try connection.execute("BEGIN IMMEDIATE")
        }

        func release() throws {
            try connection.execute("ROLLBACK")
        }
    }

    @Test func `orders and cancellations are 503, orders can be read, and the deadline comes late but comes`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "2s"
        try await DaemonSuite.run(settings) { suite in
            try await suite.start(.order)
            let orders = try RESTClient(.order)
            let id = try await orders.place()
            let lock = try Lock(.order, in: suite)
            let refused = try await orders.post("/orders", json: RESTClient.body())
            #expect(refused.status == 503)
            #expect(refused["Retry-After"] == "1")
            #expect(try await orders.post("/orders/\(id)/cancel").status == 503)
            #expect(try await orders.get("/orders/\(id)?wait=1s").json["status"]?.string == "PENDING")
            try lock.release()
            #expect(try await orders.decided(id)["reason"]?.string == "DEADLINE_EXCEEDED")
            #expect(try await orders.post("/orders", json: RESTClient.body()).status == 201)
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
