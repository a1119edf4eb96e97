internal import Logging
internal import Posix

/// The one thread that formats and writes log records: not one of Swift's cooperative pool, for it blocks when journald does.
///
/// Keeps itself alive until its queue is closed and empty.
final class LogWriter: Sendable {
    private let queue: LogQueue
    private let backend: any LogBackend

    private init(queue: LogQueue, backend: any LogBackend) {
        self.queue = queue
        self.backend = backend
    }

    static func start(queue: LogQueue, backend: any LogBackend) {
        let writer = LogWriter(queue: queue, backend: backend)
        DedicatedThread.start { writer.run() }
    }

    private func run() {
        var backend = backend
        var batch: [LogRecord] = []
        while let lost = queue.take(into: &batch) {
            let failed = batch.isEmpty ? 0 : backend.write(batch)
            let isReported = lost == 0 || backend.write([Self.report(lost: lost)]) == 0
            batch.removeAll(keepingCapacity: true)
            queue.finish(failed: failed, unreported: isReported ? 0 : lost)
        }
    }

    private static func report(lost count: UInt64) -> LogRecord {
        LogRecord(
            level: .warning,
            message: count == 1 ? "1 log record dropped" : "\(count) log records dropped",
            fields: ["dropped": String(count)])
    }
}
