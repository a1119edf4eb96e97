import Logging
package import SagaStore
import Store
import ServiceLifecycle
package import Systemd
import Transport

/// Notices that files of the running service were removed or replaced, which nothing else would: they can be written and read on. And that
/// one of them grows and grows.
package struct StateWatch: Service {
    private let database: Database
    private let log: Log
    private static let interval = Duration.seconds(10)

    package init(database: Database, log: Log) {
        self.database = database
        self.log = log
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var wasLarge = false
            while !Task.isCancelled {
                database.checkFiles()
                let condition = database.logCondition
                if let condition, !wasLarge { log.record(.warning, condition, messageID: MessageID.logGrows) }
                wasLarge = condition != nil
                // Not to the second, so that the kernel may serve other timers with the same wake-up.
                try? await Task.sleep(for: Self.interval, tolerance: .seconds(2))
            }
        }
    }
}
