package import Saga
import Synchronization
import Wire

/// Those who wait for an order to be decided.
package final class OrderWaiters: Sendable {
    private struct State {
        var waiting: [OrderID: [Int: CheckedContinuation<Void, Never>]] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Called once the decision is durable.
    package func decided(_ id: OrderID) {
        let continuations = state.withLock { $0.waiting.removeValue(forKey: id) }
        for continuation in continuations?.values ?? [:].values { continuation.resume() }
    }

    /// Returns when the order is decided, after `limit`, or when the task is canceled.
    ///
    /// - Parameter isDecided: asked once the waiting has begun, so that a decision in between is not missed.
    package func wait(for id: OrderID, atMost limit: Duration, unless isDecided: @escaping @Sendable () -> Bool) async {
        await withTaskGroup { group in
            group.addTask { await self.wait(for: id, unless: isDecided) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func wait(for id: OrderID, unless isDecided: @Sendable () -> Bool) async {
        let key = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiting[id, default: [:]][key] = continuation }
                if isDecided() || Task.isCancelled { leave(id, key) }
            }
        } onCancel: {
            leave(id, key)
        }
    }

    private func leave(_ id: OrderID, _ key: Int) {
        let continuation = state.withLock { state in
            let continuation = state.waiting[id]?.removeValue(forKey: key)
            if state.waiting[id]?.isEmpty == true { state.waiting[id] = nil }
            return continuation
        }
        continuation?.resume()
    }
}
