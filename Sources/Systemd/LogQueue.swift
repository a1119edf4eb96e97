internal import Dispatch
internal import Synchronization

/// The bounded queue between everybody who logs and the one log writer.
///
/// Guarantees: `offer` never waits for the writer; no more than `capacity` records exist between `offer` and `finish`; they come out in
/// the order they went in; those that did not fit or could not be written are counted. What is queued is lost in a crash.
final class LogQueue: Sendable {
    private struct State {
        var records: [LogRecord] = []
        var inFlight = 0
        var isReportInFlight = false

        var lostCount: UInt64 = 0
        var unreported: UInt64 = 0
        /// A report of losses is due even if no record follows. Only an overflow asks for it: where the writing fails, the report
        /// would fail as well, and call for the next one without end.
        var isReportDue = false

        // Both count a due report as one record.
        var acceptedCount: UInt64 = 0
        var finishedCount: UInt64 = 0
        var drains: [(target: UInt64, done: DispatchSemaphore)] = []

        var isWriterAsleep = false
        var isClosed = false
    }

    private let capacity: Int
    private let state: Mutex<State>
    private let wakeUp = DispatchSemaphore(value: 0)

    init(capacity: Int) {
        precondition(capacity > 0, "a log queue needs room for a record")
        self.capacity = capacity
        var state = State()
        state.records.reserveCapacity(capacity)
        self.state = Mutex(state)
    }

    /// How many records were lost since the start.
    var lostCount: UInt64 { state.withLock { $0.lostCount } }

    /// Takes the record, or counts it as lost if there is no room.
    func offer(_ record: LogRecord) {
        let wakesWriter = state.withLock { state in
            if state.records.count + state.inFlight < capacity {
                state.records.append(record)
                state.acceptedCount += 1
            } else {
                state.lostCount += 1
                state.unreported += 1
                if !state.isReportDue {
                    state.isReportDue = true
                    state.acceptedCount += 1
                }
            }
            // Only the first record after a rest costs a system call; the writer finds the others when it comes.
            defer { state.isWriterAsleep = false }
            return state.isWriterAsleep
        }
        if wakesWriter { wakeUp.signal() }
    }

    /// For the writer: waits for records and swaps them for the empty array that is passed. Returns how many were lost before now and
    /// not reported yet, or `nil` once the queue is closed and empty. `finish` must follow.
    func take(into batch: inout [LogRecord]) -> UInt64? {
        while mustWait() { wakeUp.wait() }
        return state.withLock { state in
            if state.records.isEmpty && !state.isReportDue { return nil }
            swap(&state.records, &batch)
            state.inFlight = batch.count
            state.isReportInFlight = state.isReportDue
            state.isReportDue = false
            defer { state.unreported = 0 }
            return state.unreported
        }
    }

    private func mustWait() -> Bool {
        state.withLock { state in
            state.isWriterAsleep = state.records.isEmpty && !state.isReportDue && !state.isClosed
            return state.isWriterAsleep
        }
    }

    /// For the writer: the batch has been dealt with.
    /// - Parameters:
    ///   - failed: how many of its records could not be written.
    ///   - unreported: the losses that `take` returned if they could not be reported, else 0.
    func finish(failed: Int, unreported: UInt64) {
        let done = state.withLock { state in
            state.finishedCount += UInt64(state.inFlight) + (state.isReportInFlight ? 1 : 0)
            state.inFlight = 0
            state.isReportInFlight = false
            state.lostCount += UInt64(failed)
            state.unreported += UInt64(failed) + unreported
            let finishedCount = state.finishedCount
            let done = state.drains.filter { $0.target <= finishedCount }
            state.drains.removeAll { $0.target <= finishedCount }
            return done
        }
        for drain in done { drain.done.signal() }
    }

    /// Blocks until everything that was offered before has been dealt with; `false` if that took longer than the timeout.
    func drain(timeout: Duration) -> Bool {
        let done = DispatchSemaphore(value: 0)
        let isDrained = state.withLock { state in
            if state.finishedCount == state.acceptedCount { return true }
            state.drains.append((target: state.acceptedCount, done: done))
            return false
        }
        let (seconds, attoseconds) = timeout.components
        let deadline = DispatchTime.now() + .seconds(Int(seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000))
        return isDrained || done.wait(timeout: deadline) == .success
    }

    /// Lets the writer end when the queue is empty.
    func close() {
        state.withLock { $0.isClosed = true }
        wakeUp.signal()
    }
}
