import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// What an operator wants published again goes beside the live events.
@Suite(.showingLogs) struct LaneTests {
    @Test func `Fault 53, while everything is published again no order is refused, and what is left goes on after a restart`() async throws
    {
        var settings = DaemonSuite.Settings()
        // Fewer than there are to be published again.
        settings.backlogLimit = 100
        try await DaemonSuite.run(settings) { suite in
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            for _ in 0..<150 { _ = try await orders.decided(orders.place()) }
            for service in ServiceName.allCases { try await suite.drained(service) }

            // Whoever reads is away: nothing can be queued.
            #expect(try await suite[.inventory].stop() == .code(0))
            let answer = try await suite.admin(.order).post("/events/republish", json: #"{"since":"2020-01-01T00:00:00Z"}"#)
            #expect(try answer.json["queued"]?.integer == 300)
            let waiting = try await suite.admin(.order).get("/status").json["outbox"]?["republishing"]?.integer ?? 0
            #expect(waiting >= 100, "\(waiting)")
            _ = try await orders.place()
            #expect(try await suite[.order].stop() == .code(0))

            try await suite.start([.order, .inventory])
            _ = try await orders.decided(orders.place())
            try await eventually("that all of it was published again", within: .seconds(60)) {
                try await suite.admin(.order).get("/status").json["outbox"]?["republishing"] == nil ? () : nil
            }
            #expect(try await suite.sagactl("reconcile").exit == .code(0))
        }
    }

    @Test func `a write-ahead log that is not emptied is a reason in status`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(.order)
            let log = "\(suite.stateDirectory(of: .order))/saga.db-wal"
            // What is behind the last commit is nothing to SQLite.
            #expect(truncate(log, 300 << 20) == 0)
            let reasons = try await suite.admin(.order).get("/status").json["reasons"]?.array?.compactMap(\.string) ?? []
            #expect(reasons.contains { $0.contains("the write-ahead log has grown to 300 MiB") && $0.contains("fuser -v") }, "\(reasons)")
        }
    }
}
