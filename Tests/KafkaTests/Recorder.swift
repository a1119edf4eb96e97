import Synchronization

/// Collects what callbacks on other threads report, and lets a test wait for it.
final class Recorder<Element: Sendable>: Sendable {
    private struct Waiter {
        let id: Int
        let condition: @Sendable ([Element]) -> Bool
        let done: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var elements: [Element] = []
        var waiters: [Waiter] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    var elements: [Element] { state.withLock { $0.elements } }

    func record(_ element: Element) {
        record([element])
    }

    func record(_ elements: [Element]) {
        let met = state.withLock { state in
            state.elements += elements
            let met = state.waiters.filter { $0.condition(state.elements) }
            state.waiters.removeAll { waiter in met.contains { $0.id == waiter.id } }
            return met
        }
        met.forEach { $0.done.resume(returning: true) }
    }

    /// Waits until the condition holds of all that was recorded so far. Returns whether it came to that in time.
    func wait(within timeout: Duration = .seconds(30), until condition: @escaping @Sendable ([Element]) -> Bool) async -> Bool {
        await withCheckedContinuation { done in
            let (id, holds) = state.withLock { state in
                state.nextID += 1
                let holds = condition(state.elements)
                if !holds { state.waiters.append(Waiter(id: state.nextID, condition: condition, done: done)) }
                return (state.nextID, holds)
            }
            if holds {
                done.resume(returning: true)
                return
            }
            Task {
                try await Task.sleep(for: timeout)
                let late = state.withLock { state in
                    let late = state.waiters.filter { $0.id == id }
                    state.waiters.removeAll { $0.id == id }
                    return late
                }
                late.forEach { $0.done.resume(returning: false) }
            }
        }
    }
}

/// Asks again and again, for facts that nobody reports.
func eventually(within timeout: Duration = .seconds(20), _ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + timeout
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return true
}
