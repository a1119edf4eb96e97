import SagaStore
import ServiceLifecycle
import Store

/// Notices that the server of the database is away, or back, also while there is nothing to write.
struct DatabaseWatch: Service {
    let database: Database
    private static let interval = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                database.writer.probe()
                try? await Task.sleep(for: Self.interval, tolerance: .milliseconds(200))
            }
        }
    }
}
