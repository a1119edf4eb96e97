import OrderService
import Saga
import Testing
import Wire

@Suite struct DeadlineQueueTests {
    private let start = ContinuousClock.now
    private let ids: [OrderID]
    private var queue = DeadlineQueue<ContinuousClock.Instant>(limit: .seconds(3))

    init() {
        var generator = IDGenerator()
        ids = (0..<4).map { _ in generator.next(at: Timestamp(microseconds: 1_000_000)) }
        for (index, id) in ids.enumerated() { queue.placed(id, at: start + .seconds(index)) }
    }

    private func due(after seconds: Double) -> [OrderID] { queue.due(at: start + .seconds(seconds)) }

    @Test mutating func `orders are due in order of age until they are decided`() {
        #expect(queue.nextDue == start + .seconds(3))
        #expect(due(after: 2.9) == [])
        #expect(due(after: 4) == [ids[0], ids[1]])
        queue.decided(ids[0])
        #expect(due(after: 4) == [ids[1]])
        #expect(queue.nextDue == start + .seconds(4))
    }

    @Test mutating func `one that cannot be canceled is tried again on its own, ever more rarely, and holds up no other`() {
        var now = start + .seconds(3)
        var isNewCause = queue.postpone(ids[0], because: "boom", at: now)
        #expect(isNewCause)
        #expect(due(after: 3) == [])
        #expect(queue.count == 4)
        #expect(queue.nextDue == now + .seconds(1))
        for id in ids.dropFirst() { queue.decided(id) }
        for delay in [1, 2, 4, 8, 16, 32, 60, 60] {
            let next = now + .seconds(delay)
            #expect(queue.nextDue == next)
            #expect(queue.due(at: next - .milliseconds(1)) == [])
            #expect(queue.due(at: next) == [ids[0]])
            now = next
            // Only a new cause is worth a word.
            isNewCause = queue.postpone(ids[0], because: "boom", at: now)
            #expect(!isNewCause)
        }
        isNewCause = queue.postpone(ids[0], because: "something else", at: now)
        #expect(isNewCause)
        #expect(queue.count == 1)
        queue.decided(ids[0])
        #expect(queue.count == 0)
        #expect(queue.nextDue == nil)
    }

    @Test mutating func `one decided while its cancellation failed does not come back`() {
        queue.decided(ids[0])
        let isNewCause = queue.postpone(ids[0], because: "boom", at: start + .seconds(3))
        #expect(!isNewCause)
        #expect(queue.count == 3)
        #expect(due(after: 100) == Array(ids[1...]))
    }
}
