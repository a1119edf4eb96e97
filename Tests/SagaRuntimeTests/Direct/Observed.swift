import Synchronization

/// A list that grows from any thread, and that a test can wait on.
final class Observed<Element: Sendable>: Sendable {
    private struct Waiter {
        let isEnough: @Sendable ([Element]) -> Bool
        let continuation: CheckedContinuation<[Element], Never>
    }

    private struct State {
        var elements: [Element] = []
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    var elements: [Element] { state.withLock(\.elements) }

    func append(_ new: some Sequence<Element>) {
        let (elements, ready) = state.withLock { state in
            state.elements += new
            let elements = state.elements
            let ready = state.waiters.filter { $0.isEnough(elements) }
            state.waiters.removeAll { $0.isEnough(elements) }
            return (elements, ready)
        }
        for waiter in ready { waiter.continuation.resume(returning: elements) }
    }

    func append(_ element: Element) {
        append(CollectionOfOne(element))
    }

    @discardableResult
    func wait(until isEnough: @escaping @Sendable ([Element]) -> Bool) async -> [Element] {
        await withCheckedContinuation { continuation in
            let ready: [Element]? = state.withLock { state in
                if isEnough(state.elements) { return state.elements }
                state.waiters.append(Waiter(isEnough: isEnough, continuation: continuation))
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    @discardableResult
    func wait(for count: Int) async -> [Element] {
        await wait { $0.count >= count }
    }
}
