internal import Glibc
internal import Logging

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
        let writer = Unmanaged.passRetained(LogWriter(queue: queue, backend: backend))
        var thread = pthread_t()
        let error = pthread_create(&thread, nil, logWriterMain, writer.toOpaque())
        precondition(error == 0, "the log writer's thread could not be created: \(String(cString: strerror(error)))")
        pthread_detach(thread)
    }

    fileprivate func run() {
        Self.blockSignals()
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

    /// A closed pipe behind standard error must not end the process: the SIGPIPE of a write goes to the writing thread (signal(7)), stays
    /// pending here for ever, and the write fails with EPIPE. The other signals are for threads that handle them, where they cannot
    /// interrupt a message to the journal; those that tell of a crash stay as they are.
    private static func blockSignals() {
        var signals = sigset_t()
        sigfillset(&signals)
        for crash in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&signals, crash) }
        pthread_sigmask(SIG_SETMASK, &signals, nil)
    }
}

/// The shape that pthread_create(3) asks for.
private func logWriterMain(_ writer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<LogWriter>.fromOpaque(writer!).takeRetainedValue().run()
    return nil
}
