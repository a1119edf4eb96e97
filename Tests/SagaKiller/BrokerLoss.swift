import AdminAPI
import Foundation
import enum Saga.ServiceName
import SagaTestSupport

/// What an operator does when the broker has lost everything: has the daemons tell again what may not have been heard.
struct BrokerLoss {
    private let suite: DaemonSuite

    /// A broker may be lost again and again before everything was heard, but for so long there is always a moment in between. Whether a
    /// daemon has heard everything cannot be asked: outside its group it says that nothing is left to hear.
    private static let memory: TimeInterval = 300

    init(_ suite: DaemonSuite) {
        self.suite = suite
    }

    /// To be called when the broker is back, and all daemons are there.
    func heal() async throws {
        let since = (Date() - BrokerLoss.memory).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        for service in ServiceName.allCases {
            try await waitUntilConnected(service)
            let answer = try await suite.admin(service).post("/events/republish", json: #"{"since":"\#(since)"}"#)
            guard answer.status == 200 else { throw RunFailure("\(service) does not publish again: \(answer.text)") }
        }
    }

    private func waitUntilConnected(_ service: ServiceName) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            if let status: ServiceStatus = try? await suite.admin(service).decode("/status"), status.state == .ready { return }
            guard ContinuousClock.now < end else { throw RunFailure("\(service) is not ready a minute after the broker was lost") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
