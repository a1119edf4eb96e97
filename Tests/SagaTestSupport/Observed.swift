import Foundation
import Synchronization

/// State that a test waits on. Every change wakes those who wait, so nobody polls; a wait that takes too long fails the test.
package final class Observed<State: Sendable>: Sendable {
    private struct Content {
        var state: State
        var observers: [Int: AsyncStream<Void>.Continuation] = [:]
        var next = 0
    }

    private let content: Mutex<Content>

    package init(_ state: State) {
        content = Mutex(Content(state: state))
    }

    package var state: State { content.withLock(\.state) }

    package func change(_ body: (inout State) -> Void) {
        content.withLock { content in
            body(&content.state)
            for observer in content.observers.values { observer.yield() }
        }
    }

    /// Returns what `match` finds in the state, as soon as it finds something.
    ///
    /// - Parameters:
    ///   - what: what is waited for, said when it does not come.
    ///   - match: may take what it finds out of the state.
    package func wait<Result: Sendable>(
        for what: String, within limit: Duration = .seconds(30), _ match: @Sendable (inout State) -> Result?
    ) async throws -> Result {
        let (changes, observer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        observer.yield()
        let key = content.withLock { content in
            content.next += 1
            content.observers[content.next] = observer
            return content.next
        }
        defer { content.withLock { $0.observers[key] = nil } }
        // The end of the stream is the end of the patience.
        let patience = Task {
            try? await Task.sleep(for: limit)
            observer.finish()
        }
        defer { patience.cancel() }
        for await _ in changes {
            if let result = content.withLock({ match(&$0.state) }) { return result }
        }
        try Task.checkCancellation()
        throw NotSeen(what: what, limit: limit)
    }
}

/// A list that grows.
extension Observed {
    package func append<Element>(_ element: Element) where State == [Element] {
        change { $0.append(element) }
    }

    package func append<Element>(contentsOf elements: [Element]) where State == [Element] {
        change { $0 += elements }
    }

    @discardableResult
    package func wait<Element>(
        within limit: Duration = .seconds(30), until isEnough: @Sendable ([Element]) -> Bool, file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Element] where State == [Element] {
        try await wait(for: "such list as \(file):\(line) waits for", within: limit) { isEnough($0) ? $0 : nil }
    }

    @discardableResult
    package func wait<Element>(
        for count: Int, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [Element] where State == [Element] {
        try await wait(for: "list of \(count), which \(file):\(line) waits for") { $0.count >= count ? $0 : nil }
    }
}

/// Something a test waited for did not come.
package struct NotSeen: Error, CustomStringConvertible {
    let what: String
    let limit: Duration

    package var description: String { "no \(what) within \(limit)" }
}
