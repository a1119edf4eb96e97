import AdminAPI
import Foundation
import enum Saga.ServiceName
import SagaTestSupport

/// What an operator does when the broker has lost everything: has the daemons tell again what may not have been heard.
struct BrokerLoss {
    private let suite: DaemonSuite
    /// Everything that was told before this moment had been heard.
    private var heard = Date()

    init(_ suite: DaemonSuite) {
        self.suite = suite
    }

    /// To be called when the broker is back, and all daemons are there.
    mutating func heal() async throws {
        try await wait(for: "daemons that are connected again") { $0.state == .ready }
        let since = heard.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        for service in ServiceName.allCases {
            _ = try await suite.admin(service).post("/events/republish", json: #"{"since":"\#(since)"}"#)
        }
        // What the daemons know of the broker's records may be as old as this.
        let begin = Date() - 5
        try await wait(for: "daemons that have told everything") { $0.outbox?.pending == 0 }
        try await wait(for: "daemons that have heard everything") { $0.state == .ready && $0.lag == 0 }
        heard = begin
    }

    private func wait(for what: String, _ isMet: (ServiceStatus) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        for service in ServiceName.allCases {
            while true {
                if let status: ServiceStatus = try? await suite.admin(service).decode("/status"), isMet(status) { break }
                guard ContinuousClock.now < end else { throw RunFailure("no \(what) within a minute after the broker was lost") }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
