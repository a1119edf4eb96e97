import CMalloc
import Logging
import Saga
import SagaConfiguration
import SagaStore
import Store
import ServiceLifecycle
import Systemd
import Wire
package import Transport

/// Deletes what is older than the retention, a little at a time so that orders do not wait for it, and gives back to the system what
/// memory a burst has left free.
package struct Housekeeping<Service: SagaService>: ServiceLifecycle.Service {
    private let service: Service
    private let retention: Duration
    private let outbox: OutboxLog
    private let watch: RetentionWatch
    private let context: ServiceContext

    private static var interval: Duration { .seconds(60) }
    private static var chunk: Int { 500 }

    package init(service: Service, outbox: OutboxLog, watch: RetentionWatch, context: ServiceContext) {
        self.service = service
        self.retention = context.configuration.retention
        self.outbox = outbox
        self.watch = watch
        self.context = context
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let cutoff = try await watch.cutoff(retention, in: context.database)
                    while try await deleteSome(before: cutoff) { try await Task.sleep(for: .milliseconds(20)) }
                } catch is CancellationError {
                    return
                } catch {
                    context.log.record(.warning, "expired events could not be deleted: \(error)")
                }
                do {
                    try await purgeOrders()
                } catch is CancellationError {
                    return
                } catch {
                    context.log.record(.warning, "old orders could not be purged yet: \(error)")
                }
                // By itself glibc gives back only what is free at the end of an arena (malloc_trim(3)), of which every thread has one.
                malloc_trim(0)
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    private func purgeOrders() async throws {
        guard let age = context.configuration.orderRetention else { return }
        let count = try await service.purge(before: try await watch.cutoff(age, in: context.database))
        if count > 0 { context.log.record(.notice, "\(count) orders purged, by orderRetention", messageID: MessageID.purged) }
    }

    private func deleteSome(before cutoff: Timestamp) async throws -> Bool {
        let published = min(outbox.published, service.outboxPosition)
        return try await context.database.writer.write(isBounded: true) { [service] transaction in
            let events = try transaction.deleteExpired(before: cutoff, published: published, limit: Self.chunk)
            let own = try service.deleteExpired(before: cutoff, limit: Self.chunk, in: transaction)
            return events || own
        }
    }
}
