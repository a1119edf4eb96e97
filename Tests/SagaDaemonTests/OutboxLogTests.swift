import Saga
import Transport
import SagaStore
import Store
import SagaTestSupport
import Testing
import Wire

@Suite(.timeLimit(.minutes(1)))
struct OutboxLogTests {
    let directory = try! TestDirectory()

    @Test func whatIsNoLongerInMemoryIsReadFromDisk() async throws {
        let order = try TestDaemon(.order, in: directory)
        for _ in 0..<10 { try await order.tell(1000) }
        #expect(order.log.recentEntries(after: 10, limit: 5) == nil)
        #expect(try await order.log.entries(after: 10, limit: 5, in: order.database).map(\.seq) == Array(11...15))
        #expect(order.log.recentEntries(after: 9000, limit: 5)?.map(\.seq) == Array(9001...9005))
        #expect(order.log.recentEntries(after: 9998, limit: 5)?.map(\.seq) == [9999, 10_000])
        #expect(order.log.recentEntries(after: 10_000, limit: 5) == [])
        #expect(order.log.firstRecent == 1809)
    }

    @Test(
        arguments: [
            (0, [3, 4, 8, 9]), (2, [3, 4, 8, 9]), (3, [4, 8, 9]), (4, [8, 9]), (6, [8, 9]), (7, [8, 9]), (8, [9]), (9, []),
        ] as [(Int64, [Int64])])
    func holesInTheNumbersAreNoHindrance(_ seq: Int64, _ expected: [Int64]) throws {
        let log = OutboxLog(followers: [])
        log.appended([3, 4, 8, 9].map(entry))
        // From before the first in memory there may be more on disk.
        #expect(log.recentEntries(after: seq, limit: 10)?.map(\.seq) == (seq < 2 ? nil : expected))
    }

    @Test func aReaderWaitsUntilThereIsSomethingBehindItsPlace() async {
        let log = OutboxLog(followers: [])
        let woken = Observed<[Int]>([])
        async let first: Void = log.waitForEntries(after: 1)
        async let second: Void = {
            await log.waitForEntries(after: 0)
            woken.append(1)
            log.appended([entry(2)])
        }()
        log.appended([entry(1)])
        _ = await (first, second)
        #expect(woken.state == [1])
    }

    @Test func aCanceledReaderWaitsNoLonger() async {
        let log = OutboxLog(followers: [])
        let task = Task { await log.waitForEntries(after: 0) }
        task.cancel()
        await task.value
    }

    @Test func onlyKnownFollowersCountAndOnlyForward() async throws {
        let order = try TestDaemon(.order, in: directory)
        try await order.tell(10)
        order.log.acknowledge(5, by: "inventory")
        order.log.acknowledge(3, by: "inventory")
        order.log.acknowledge(11, by: "payment")
        order.log.acknowledge(10, by: "stranger")
        #expect(order.log.acknowledged(by: "inventory") == 5)
        #expect(order.log.acknowledged(by: "payment") == 0)
        #expect(order.log.published == 0)
        order.log.acknowledge(10, by: "payment")
        #expect(order.log.published == 5)
        #expect(order.log.backlog == 5)
    }

    @Test func marksOfACommitThatFailedAreSavedWithTheNext() async throws {
        let order = try TestDaemon(.order, in: directory)
        try await order.tell(10)
        order.log.acknowledge(5, by: "inventory")
        await #expect(throws: StoreError.self) {
            // Saves the marks in a transaction that then fails as a whole.
            try await order.database.writer.write { transaction in
                try order.log.save(in: transaction)
                throw StoreError.full
            }
        }
        try await order.tell(1)
        #expect(try await order.database.read { try $0.followers() }["inventory"] == 5)
    }

    private func entry(_ seq: Int64) -> OutboxEntry {
        OutboxEntry(
            seq: seq, eventID: EventID(bits: UInt128(seq)), orderID: OrderID(bits: 1), type: .orderApproved, causation: nil,
            trace: TraceContext(traceID: 1), occurredAt: Timestamp(microseconds: 1), body: [])
    }
}
