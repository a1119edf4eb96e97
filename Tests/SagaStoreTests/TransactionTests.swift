import SagaTestSupport
import Saga
import SagaStore
import Store
import Testing
import Wire

@Suite struct TransactionTests {
    @Test func `Totals are summed over work and over commits, and survive`() async throws {
        let directory = try TestDirectory()
        do {
            let database = try Database(in: directory.path)
            let hold = await database.writer.hold()
            let tasks = (0..<10).map { _ in
                database.writer.submit { transaction in
                    transaction.add(2, to: "up")
                    transaction.add(-1, to: "down")
                    transaction.add(1, to: "nothing")
                    transaction.add(-1, to: "nothing")
                }
            }
            try await hold.letGo()
            for task in tasks { try await task.value }
            try await database.writer.write { $0.add(5, to: "up") }
        }
        #expect(try await Database(in: directory.path).read { try $0.totals() } == ["up": 25, "down": -10])
    }

    @Test func `Each piece of work has the time at which it began`() async throws {
        let directory = try TestDirectory()
        let clock = ManualClock()
        let database = try Database(in: directory.path, clock: clock)
        let hold = await database.writer.hold()
        let tasks = (0..<3).map { i in
            database.writer.submit { transaction in
                clock.now = clock.now + 1
                return transaction.now
            }
        }
        try await hold.letGo()
        var times: [Timestamp] = []
        for task in tasks { times.append(try await task.value) }
        #expect(times == [.start, .start + 1, .start + 2])
    }

    @Test func `Ids grow from one piece of work to the next, also when the clock goes back`() async throws {
        let directory = try TestDirectory()
        let clock = ManualClock()
        let database = try Database(in: directory.path, clock: clock)
        var ids: [EventID] = []
        for i in 0..<20 {
            clock.now = .start + Int64(i % 2 == 0 ? i : -86_400)
            ids.append(try await database.writer.write { $0.decide { $0.newID() } })
        }
        #expect(ids == ids.sorted() && Set(ids).count == 20)
    }
}
