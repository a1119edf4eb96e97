import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

/// Restarts under load, where the service manager holds the port: nobody is lost.
@Suite(.showingLogs) struct RestartTests {
    /// What happened to all requests of all clients.
    private struct Tally: Sendable {
        var statuses: [Int: Int] = [:]
        /// Closed cleanly before their answer, and sent again.
        var repeated = 0
        var resets = 0
    }

    @Test(.timeLimit(.minutes(20))) func `a restart under load refuses nobody, resets nothing and loses no order`() async throws {
        try await DaemonSuite.run { suite in
            let socket = try ListeningSocket(port: suite.port(of: .order))
            try await suite.launch(.order, inherited: socket).ready()
            let tally = Observed(Tally())
            let isOver = Observed(false)
            try await withThrowingTaskGroup { group in
                for client in 0..<32 {
                    group.addTask {
                        try await Self.placeOrders(of: client, at: suite.port(of: .order), tally, until: { isOver.state })
                    }
                }
                for _ in 0..<3 {
                    try await Self.ordersGoOn(tally)
                    #expect(try await suite[.order].stop() == .code(0))
                    try await suite.launch(.order, inherited: socket).ready()
                }
                try await Self.ordersGoOn(tally)
                isOver.change { $0 = true }
                try await group.waitForAll()
            }
            let result = tally.state
            #expect(Set(result.statuses.keys) == [201])
            #expect(result.resets == 0)
            let kept = try await suite.status(.order)["orders"]?["PENDING"]?.integer
            #expect(kept == result.statuses[201].map { Int64($0) })
        }
    }

    private static func ordersGoOn(_ tally: Observed<Tally>) async throws {
        let before = tally.state.statuses[201] ?? 0
        try await tally.wait(for: "more orders") { ($0.statuses[201] ?? 0) >= before + 200 ? () : nil }
    }

    /// One client that keeps its connection for as long as it may.
    private static func placeOrders(
        of client: Int, at port: Int, _ tally: Observed<Tally>, until isOver: @Sendable () -> Bool
    ) async throws {
        var connection: HTTPConnection?
        var number = 0
        while !isOver() {
            let open: HTTPConnection
            if let connection { open = connection } else { open = try await HTTPConnection(.tcp(port: port)) }
            do {
                try await open.send(
                    HTTPClient.request(
                        "POST", "/orders", headers: [("Content-Type", "application/json"), ("Idempotency-Key", "\(client)-\(number)")],
                        body: Array(RESTClient.body().utf8)))
                let answer = try await open.answer(to: "POST")
                tally.change { $0.statuses[answer.status, default: 0] += 1 }
                number += 1
                connection = answer["Connection"] == "close" ? nil : open
            } catch {
                // Closed while its last answer was on its way, if it is as it should be.
                let isClean = !open.wasReset && (error as? HTTPConnection.Closed)?.bytes.isEmpty != false
                tally.change { if isClean { $0.repeated += 1 } else { $0.resets += 1 } }
                connection = nil
            }
        }
    }
}
