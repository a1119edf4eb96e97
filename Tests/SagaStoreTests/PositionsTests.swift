import SagaTestSupport
import Saga
import SagaStore
import Store
import Testing

@Suite struct PositionsTests {
    @Test func `A position is kept per source and replaced, also by an earlier one of another log`() async throws {
        let directory = try TestDirectory()
        let database = try Database(in: directory.path)
        #expect(try await database.read { try $0.position(in: .payment) } == nil)
        for position in [LogPosition(logID: 1, seq: 10), LogPosition(logID: .max, seq: 3)] {
            try await database.writer.write { try $0.savePosition(position, in: .payment) }
            #expect(try await database.read { try $0.position(in: .payment) } == position)
        }
        #expect(try await database.read { try $0.position(in: .order) } == nil)
    }

    @Test func `A position is undone with the work it belongs to`() async throws {
        struct Refusal: Error {}
        let directory = try TestDirectory()
        let database = try Database(in: directory.path)
        await #expect(throws: Refusal.self) {
            try await database.writer.write { transaction in
                try transaction.savePosition(LogPosition(logID: 1, seq: 10), in: .order)
                throw Refusal()
            }
        }
        #expect(try await database.read { try $0.position(in: .order) } == nil)
    }
}
