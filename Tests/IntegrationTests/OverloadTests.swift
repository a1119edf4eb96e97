import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

/// More than can be done, and what becomes of those who want little.
@Suite(.showingLogs) struct OverloadTests {
    private static let order = HTTPClient.request(
        "POST", "/orders", headers: [("Content-Type", "application/json")], body: Array(RESTClient.body().utf8))

    /// Sends its next order as soon as the last was answered, on each of its connections.
    private final class Flood {
        private let crowd: Crowd
        private let orders: RESTClient
        private(set) var counts: [Int: Int] = [:]

        init(_ suite: DaemonSuite, connections: Int) throws {
            crowd = try Crowd(of: connections, to: suite.port(of: .order))
            orders = try RESTClient(.order)
            crowd.send(OverloadTests.order)
        }

        func goOn(for duration: Duration, until isEnough: ([Int: Int]) -> Bool) async throws {
            let end = ContinuousClock.now + duration
            while !isEnough(counts), ContinuousClock.now < end {
                let answers = crowd.answers()
                for (_, answer) in answers {
                    if counts[answer.status, default: 0] == 0 { orders.check(answer, to: "POST", "/orders") }
                    counts[answer.status, default: 0] += 1
                }
                crowd.send(OverloadTests.order, by: answers.map(\.member))
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `a flood is refused: with 503 when it is alone, with 429 when others want something, who get it`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let flood = try Flood(suite, connections: 1000)
            try await flood.goOn(for: .seconds(60)) { $0[503, default: 0] > 1000 }
            #expect(flood.counts[503, default: 0] > 1000)
            #expect(flood.counts[429] == nil)
            let readiness = Observed<String?>(nil)
            async let asking: Void = {
                let status = try await suite.rest(.order).get("/readyz").json["status"]?.string
                readiness.change { $0 = status }
            }()
            try await flood.goOn(for: .seconds(30)) { _ in readiness.state != nil }
            try await asking
            #expect(readiness.state == "degraded")

            let modest = try Crowd(of: 1, to: suite.port(of: .order), from: "127.0.0.2")
            var statuses: [Int] = []
            modest.send(Self.order)
            let end = ContinuousClock.now + .seconds(60)
            while statuses.count < 8, ContinuousClock.now < end {
                try await flood.goOn(for: .milliseconds(10)) { _ in false }
                for (_, answer) in modest.answers() {
                    statuses.append(answer.status)
                    modest.send(Self.order)
                }
            }
            // In the tick in which it first shows itself nothing is known of it.
            #expect(statuses.count >= 8)
            #expect(statuses.count { $0 == 201 } >= statuses.count - 1, "\(statuses)")
            #expect(flood.counts[429, default: 0] > 0)
            #expect(Set(flood.counts.keys).isSubset(of: [201, 429, 503]))

            let metrics = try await suite.admin(.order).get("/metrics").text
            #expect(metrics.contains(/saga_orders_refused_total\{status="429"\} [1-9]/))
        }
    }

    @Test(.timeLimit(.minutes(20))) func `2,000 orders at once are accepted by a suite at rest`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let burst = try Crowd(of: 2000, to: suite.port(of: .order))
            burst.send(Self.order)
            var statuses: [Int] = []
            try await eventually("2,000 answers", within: .seconds(60)) { () -> Void? in
                statuses += burst.answers().map(\.answer.status)
                return statuses.count >= 2000 ? () : nil
            }
            #expect(statuses.allSatisfy { $0 == 201 })
        }
    }
}
