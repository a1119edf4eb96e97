import Synchronization
import Posix

/// The life of a consumer's thread, from idle over running and stopping to stopped, and the handle the thread serves meanwhile.
///
/// Others start it, ask it to stop and wait for it from any thread. The handle blocks when it is freed, so the last reference has to go
/// on the thread, or on one that was made for a question that takes its time: others use it under the lock only.
final class ConsumerLifecycle: Sendable {
    private enum Phase {
        case idle, running, stopping, stopped
    }

    private struct State {
        var phase = Phase.idle
        var handle: RDKafkaHandle?
        var whenStopped: [@Sendable () -> Void] = []
        /// The handler has a batch: as long as it takes, the thread does not poll.
        var isHandling = false
        /// Those who wait to see that the thread polls.
        var whenPolling: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// To be called once, before the start.
    func serve(_ handle: RDKafkaHandle) {
        state.withLock { $0.handle = handle }
    }

    // MARK: Called from any thread

    /// Runs `body` on a new thread, unless there is or was one.
    func start(_ body: @escaping @Sendable () -> Void) {
        let isFirst = state.withLock { state in
            guard state.phase == .idle else { return false }
            state.phase = .running
            return true
        }
        if isFirst { DedicatedThread.start(body) }
    }

    /// Asks the thread to end. If there was none yet `body` gets one, as it has to free the handle.
    func stop(_ body: @escaping @Sendable () -> Void) {
        let wasIdle = state.withLock { state in
            guard state.phase == .idle || state.phase == .running else { return false }
            defer { state.phase = .stopping }
            state.handle?.wake()
            return state.phase == .idle
        }
        if wasIdle { DedicatedThread.start(body) }
    }

    func whenStopped(_ body: @escaping @Sendable () -> Void) {
        let isStopped = state.withLock { state in
            if state.phase != .stopped { state.whenStopped.append(body) }
            return state.phase == .stopped
        }
        if isStopped { body() }
    }

    /// Calls back when the thread has polled once more: within a second if all is well, at once while the handler has a batch.
    func whenPolling(_ body: @escaping @Sendable () -> Void) {
        let isWell = state.withLock { state in
            if state.isHandling || state.phase != .running { return true }
            state.whenPolling.append(body)
            return false
        }
        if isWell { body() }
    }

    /// The handle must not leave `body`. Nil once stopped.
    func withHandle<Result: Sendable>(_ body: (RDKafkaHandle) -> Result?) -> Result? {
        state.withLock { state in state.handle.flatMap(body) }
    }

    /// Nil once stopped. Only for a thread that may block.
    var handle: RDKafkaHandle? { state.withLock { $0.handle } }

    // MARK: Called by the thread

    var isRunning: Bool { state.withLock { $0.phase == .running } }

    /// It will end without having been asked to.
    func giveUp() {
        state.withLock { $0.phase = .stopping }
    }

    /// It has polled, or is about to.
    func polls(isHandling: Bool) {
        let watchers = state.withLock { state in
            state.isHandling = isHandling
            defer { state.whenPolling = [] }
            return state.whenPolling
        }
        watchers.forEach { $0() }
    }

    /// It has done all but free the handle.
    func end() {
        let whenStopped = state.withLock { state in
            state.phase = .stopped
            state.handle = nil
            return state.whenStopped
        }
        whenStopped.forEach { $0() }
    }
}
