internal import Glibc

/// Where finished log records go, called by the log writer alone and in order. It may block as long as it likes.
package protocol LogBackend: Sendable {
    /// Writes the records and returns how many of them could not be written.
    mutating func write(_ records: [LogRecord]) -> Int
}

/// Takes log records off everybody's hands: a bounded queue and one thread, the log writer, that formats and writes them.
///
/// Guarantees: `enqueue` never blocks, whatever becomes of journal or standard error. Records are written in the order they came. When
/// more than `capacity` of them are waiting the newest are dropped and counted, and one warning with the count is logged as soon as there
/// is room again. What is queued is lost in a crash; an orderly end calls `drain` first. One per process, owned by its main function.
package final class LogSink: Sendable {
    /// Room for the records of a few tenths of a second at full load, some 10 MB at most with usual fields.
    package static let defaultCapacity = 16_384

    private let queue: LogQueue

    package init(backend: any LogBackend, capacity: Int = defaultCapacity) {
        let queue = LogQueue(capacity: capacity)
        self.queue = queue
        LogWriter.start(queue: queue, backend: backend)
    }

    /// Logs to the journal where standard error is connected to it, else to standard error.
    package convenience init(
        identity: LogIdentity,
        environment: ServiceEnvironment = .process,
        capacity: Int = defaultCapacity
    ) {
        let backend: any LogBackend =
            JournalBackend.isConnected(to: STDERR_FILENO, environment: environment)
            ? JournalBackend(identity: identity)
            : StandardErrorBackend(identity: identity)
        self.init(backend: backend, capacity: capacity)
    }

    /// The writer finishes what is queued and ends.
    deinit {
        queue.close()
    }

    /// How many records were dropped or could not be written since the start.
    package var droppedCount: UInt64 { queue.lostCount }

    /// Hands the record to the log writer, or drops and counts it. Never blocks.
    package func enqueue(_ record: LogRecord) {
        queue.offer(record)
    }

    /// Waits until everything enqueued so far has been written, at most for the timeout: the last thing before the process ends.
    /// Blocks its thread, so it is not for tasks that others wait for.
    @discardableResult
    package func drain(timeout: Duration) -> Bool {
        queue.drain(timeout: timeout)
    }
}
