import Foundation
import Saga
import SagaTestSupport
import Synchronization

/// A mock broker that can be killed, which loses everything it held, and started again on the same port.
final class KillableBroker: Sendable {
    private let port: Int
    private let process: Mutex<MockBrokerProcess>

    private static let topics = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0.rawValue, 3) })

    init() async throws {
        port = try FreePort.choose()
        process = Mutex(try await MockBrokerProcess(topics: KillableBroker.topics, port: port))
    }

    deinit {
        kill()
    }

    func kill() {
        process.withLock { $0 }.terminate()
    }

    func start() async throws {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            do {
                let broker = try await MockBrokerProcess(topics: KillableBroker.topics, port: port)
                return process.withLock { $0 = broker }
            } catch {
                // The one before may not be quite gone.
                guard ContinuousClock.now < end else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    func setReachable(_ isReachable: Bool) async throws {
        try await process.withLock { $0 }.send(isReachable ? "up 1" : "down 1")
    }

    /// For the configuration file: what makes a group notice soon that a member has died, an empty answer come soon, and a client try
    /// soon again.
    var settings: String {
        """
        transport: kafka
        kafka:
          bootstrapServers: "127.0.0.1:\(port)"
          properties: { session.timeout.ms: "3000", heartbeat.interval.ms: "500", fetch.wait.max.ms: "20", reconnect.backoff.max.ms: "500" }
        """
    }
}
