package import Saga
import Synchronization
package import Wire

/// Those who wait for an order to be decided.
package final class OrderWaiters: Sendable {
    private struct Waiter {
        /// nil until it is known that the order is not decided yet.
        var continuation: CheckedContinuation<Void, Never>?
    }

    private struct State {
        var waiting: [OrderID: [Int: Waiter]] = [:]
        var next = 0
    }

    private let state = Mutex(State())
    private let clock: SteadyClock

    package init(clock: SteadyClock = .system) {
        self.clock = clock
    }

    /// Called once the decision is durable.
    package func decided(_ id: OrderID) {
        let waiters = state.withLock { $0.waiting.removeValue(forKey: id) }
        for waiter in waiters?.values ?? [:].values { waiter.continuation?.resume() }
    }

    /// Returns when the order is decided, after `limit`, or when the task is canceled.
    ///
    /// - Parameter isDecided: asked once the waiting has begun, so that a decision in between is not missed.
    package func wait(for id: OrderID, atMost limit: Duration, unless isDecided: @escaping @Sendable () async -> Bool) async {
        await withTaskGroup { group in
            group.addTask { await self.wait(for: id, unless: isDecided) }
            group.addTask { try? await self.clock.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func wait(for id: OrderID, unless isDecided: @Sendable () async -> Bool) async {
        let key = state.withLock { state in
            state.next += 1
            state.waiting[id, default: [:]][state.next] = Waiter()
            return state.next
        }
        await withTaskCancellationHandler {
            if await isDecided() { return leave(id, key) }
            await withCheckedContinuation { continuation in
                // It is gone where the order was decided, or the task canceled, meanwhile.
                let isOver = state.withLock { state in
                    guard state.waiting[id]?[key] != nil else { return true }
                    state.waiting[id]?[key]?.continuation = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            leave(id, key)
        }
    }

    private func leave(_ id: OrderID, _ key: Int) {
        let waiter = state.withLock { state in
            let waiter = state.waiting[id]?.removeValue(forKey: key)
            if state.waiting[id]?.isEmpty == true { state.waiting[id] = nil }
            return waiter
        }
        waiter?.continuation?.resume()
    }
}
