import Dispatch
import SagaTestSupport
import Synchronization
import Testing

@testable import Store

@Suite struct ReaderThreadsTests {
    private let threads = ReaderThreads()
    private let running = Observed(0)
    private let mayGoOn = DispatchSemaphore(value: 0)

    private func start(_ count: Int) throws {
        for _ in 0..<count {
            try threads.run { [running, mayGoOn] in
                running.change { $0 += 1 }
                mayGoOn.wait()
            }
        }
    }

    @Test func `four at once read, the others wait for them, and no thread of Swift's pool does`() async throws {
        try start(10)
        try await running.wait(for: "four that read") { $0 == 4 ? () : nil }
        // All of them block, and this task goes on.
        for _ in 0..<10 { mayGoOn.signal() }
        try await running.wait(for: "all ten") { $0 == 10 ? () : nil }
        threads.close()
    }

    @Test func `what comes after the end is refused, and what came before is done`() async throws {
        try start(6)
        threads.close()
        #expect(throws: StoreError.closed) { try threads.run {} }
        for _ in 0..<6 { mayGoOn.signal() }
        try await running.wait(for: "all six") { $0 == 6 ? () : nil }
    }

    @Test func `a queue that is too long is an overload`() async throws {
        try start(4)
        try await running.wait(for: "four that read") { $0 == 4 ? () : nil }
        try start(8192)
        #expect(throws: StoreError.overloaded) { try threads.run {} }
        for _ in 0..<8196 { mayGoOn.signal() }
        threads.close()
    }
}
