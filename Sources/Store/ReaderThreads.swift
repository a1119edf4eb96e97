import DequeModule
import Dispatch
import Posix
import Synchronization

/// Threads for what reads a database, so that neither Swift's pool nor an event loop waits for a disk.
///
/// They are started as they are needed and stay until `close`. What is queued runs in order of arrival.
final class ReaderThreads: Sendable {
    private struct State {
        var jobs: Deque<@Sendable () -> Void> = []
        var threads = 0
        var idle = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)
    /// A disk does a few things at once; more than that wait for each other anyway.
    private static let mostThreads = 4
    /// As many as may wait for the writer.
    private static let longestQueue = 8192

    /// Runs `job` on one of the threads.
    ///
    /// - Throws: where it will never run.
    func run(_ job: @escaping @Sendable () -> Void) throws(StoreError) {
        let result = state.withLock { state -> Result<Bool, StoreError> in
            if state.isClosed { return .failure(.closed) }
            guard state.jobs.count < Self.longestQueue else { return .failure(.overloaded) }
            state.jobs.append(job)
            guard state.idle < state.jobs.count, state.threads < Self.mostThreads else { return .success(false) }
            state.threads += 1
            return .success(true)
        }
        if try result.get() { DedicatedThread.start { self.work() } }
        wakeUp.signal()
    }

    /// Takes on nothing more, and lets the threads end once the queue is empty.
    func close() {
        let threads = state.withLock { state in
            state.isClosed = true
            return state.threads
        }
        for _ in 0..<threads { wakeUp.signal() }
    }

    private func work() {
        state.withLock { $0.idle += 1 }
        while true {
            wakeUp.wait()
            let job = state.withLock { state -> (@Sendable () -> Void)? in
                guard let job = state.jobs.popFirst() else { return nil }
                state.idle -= 1
                return job
            }
            guard let job else { return }
            job()
            state.withLock { $0.idle += 1 }
        }
    }
}
