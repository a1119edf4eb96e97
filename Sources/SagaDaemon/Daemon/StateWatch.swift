package import SagaStore
import Store
import ServiceLifecycle

/// Notices that files of the running service were removed or replaced, which nothing else would: they can be written and read on.
package struct StateWatch: Service {
    private let database: Database
    private static let interval = Duration.seconds(10)

    package init(database: Database) {
        self.database = database
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                database.checkFiles()
                // Not to the second, so that the kernel may serve other timers with the same wake-up.
                try? await Task.sleep(for: Self.interval, tolerance: .seconds(2))
            }
        }
    }
}
