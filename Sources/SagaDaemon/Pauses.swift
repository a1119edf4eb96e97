package import SagaStore
package import Store
import ServiceLifecycle
import Synchronization

/// What an operator has stopped for a while, as the rest of the daemon asks for it. The database has it, too.
package final class Pauses: Sendable {
    private struct State {
        var paused: Set<Pause> = []
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())
    private let changed: @Sendable () -> Void

    /// - Parameter changed: called after each change.
    package init(changed: @escaping @Sendable () -> Void = {}) {
        self.changed = changed
    }

    /// Takes over what was stopped before the start.
    package func restore(from snapshot: Snapshot) throws {
        let saved = try snapshot.pauses()
        state.withLock { $0.paused = saved }
    }

    package func contains(_ pause: Pause) -> Bool { state.withLock { $0.paused.contains(pause) } }

    /// Stops it, or lets it go on; takes effect when the transaction is durable.
    package func set(_ pause: Pause, isOn: Bool, in transaction: Transaction) throws {
        try transaction.save(pause, isOn: isOn)
        transaction.afterCommit { self.apply(pause, isOn: isOn) }
    }

    private func apply(_ pause: Pause, isOn: Bool) {
        let ready = state.withLock { state in
            if isOn { state.paused.insert(pause) } else { state.paused.remove(pause) }
            guard !state.paused.contains(.consumption) else { return [Int: CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in ready.values { waiter.resume() }
        changed()
    }

    /// Returns once events may be handled.
    ///
    /// - Throws: a `CancellationError` where the task is canceled before, or the daemon stops.
    func waitForConsumption() async throws {
        guard contains(.consumption) else { return }
        let key = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await cancelWhenGracefulShutdown {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isReady = self.state.withLock { state in
                        guard state.paused.contains(.consumption), !Task.isCancelled else { return true }
                        state.waiters[key] = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            } onCancel: {
                self.state.withLock { $0.waiters.removeValue(forKey: key) }?.resume()
            }
            try Task.checkCancellation()
        }
    }

    /// Why not all of the work is done, in words.
    package var reasons: [String] {
        Pause.allCases.filter(contains).map { pause in
            switch pause {
            case .intake: "intake is paused, new orders are refused: sagactl resume intake"
            case .consumption: "consumption is paused, events of the others wait: sagactl resume consumption"
            }
        }
    }
}
