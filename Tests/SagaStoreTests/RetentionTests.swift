import SagaTestSupport
import Saga
import SagaStore
import Store
import Testing
import Wire

@Suite struct RetentionTests {
    private let directory: TestDirectory
    private let clock = ManualClock()
    private let database: Database

    init() throws {
        directory = try TestDirectory()
        database = try Database(in: directory.path, clock: clock)
    }

    private func emit(_ count: Int) async throws {
        try await database.writer.write { transaction in for _ in 0..<count { try transaction.emit() } }
    }

    private func receive(_ count: Int) async throws {
        let handler = EventHandler(FakeParticipant())
        try await database.writer.write { transaction in
            for _ in 0..<count {
                let (event, order): (EventID, OrderID) = transaction.decide { ($0.newID(), $0.newID()) }
                _ = try handler.handle(.approved(order, id: event), in: transaction)
            }
        }
    }

    private func expire(before cutoff: Timestamp, published: Int64 = .max, limit: Int = 100) async throws -> Bool {
        try await database.writer.write { try $0.deleteExpired(before: cutoff, published: published, limit: limit) }
    }

    private var seqs: [Int64] {
        get throws { try database.read { try $0.outbox(after: 0, limit: 1000) }.map(\.seq) }
    }

    private func rows(in table: String) throws -> Int? {
        try RawDatabase(database.path).query("SELECT count(*) FROM \(table)").first.flatMap { Int($0[0]) }
    }

    @Test func `Only what is older than the cutoff goes`() async throws {
        try await emit(3)
        try await receive(3)
        clock.now = .start + 10
        try await emit(2)
        try await receive(2)
        #expect(try await !expire(before: .start))
        #expect(try seqs == [1, 2, 3, 4, 5])
        #expect(try await !expire(before: .start + 10))
        #expect(try seqs == [4, 5])
        #expect(try rows(in: "inbox") == 2)
    }

    @Test func `What is not published stays, however old`() async throws {
        try await emit(5)
        _ = try await expire(before: .start + 10, published: 2)
        #expect(try seqs == [3, 4, 5])
        _ = try await expire(before: .start + 10, published: 0)
        #expect(try seqs == [3, 4, 5])
    }

    @Test func `The newest entry stays, so that no number is used twice, also after a restart`() async throws {
        try await emit(4)
        _ = try await expire(before: .start + 10)
        #expect(try seqs == [4])
        await onThread { [database] in database.close() }
        let copy = try TestDirectory()
        try RawDatabase(database.path).query("VACUUM INTO '\(copy.path)/saga.db'")

        let reopened = try Database(in: copy.path)
        try await reopened.writer.write { transaction in for _ in 0..<2 { try transaction.emit() } }
        #expect(try await reopened.read { try $0.outboxBounds() } == (4, 6))
    }

    @Test func `The oldest go first, so many at a time, until nothing is left to do`() async throws {
        try await emit(10)
        try await receive(10)
        #expect(try await expire(before: .start + 10, limit: 4))
        #expect(try seqs == Array(5...10))
        #expect(try rows(in: "inbox") == 6)
        #expect(try await expire(before: .start + 10, limit: 4))
        #expect(try seqs == [9, 10])
        #expect(try await !expire(before: .start + 10, limit: 4))
        #expect(try seqs == [10])
        #expect(try rows(in: "inbox") == 0)
    }

    @Test func `Resolved dead letters go so many at a time, open ones stay`() async throws {
        try await database.writer.write { transaction in
            for offset in 0..<12 {
                let record = IncomingRecord(
                    topic: "t", partition: 0, offset: Int64(offset), key: nil, attributes: .headers([]), value: nil)
                try transaction.bury(record, UnreadableRecord(.unreadable, "because"))
            }
            for letter in try transaction.deadLetters(limit: 10) { #expect(try transaction.resolveDeadLetter(letter.id)) }
        }
        #expect(try await !expire(before: .start, limit: 4))
        #expect(try rows(in: "dead_letter") == 12)
        #expect(try await expire(before: .start + 10, limit: 4))
        #expect(try rows(in: "dead_letter") == 8)
        #expect(try await expire(before: .start + 10, limit: 4))
        #expect(try await !expire(before: .start + 10, limit: 4))
        #expect(try rows(in: "dead_letter") == 2)
        #expect(try await database.read { try $0.totals()["dead_letters"] } == 2)
    }

    @Test func `An event whose id was forgotten is received as a new one`() async throws {
        let handler = EventHandler(FakeParticipant())
        let envelope = EventEnvelope.approved(OrderID(bits: 1), id: EventID(bits: 2))
        func outcome() async throws -> HandledEvent.Outcome {
            try await database.writer.write { try handler.handle(envelope, in: $0).outcome }
        }
        #expect(try await [outcome(), outcome()] == [.ignored, .duplicate])
        _ = try await expire(before: .start + 10)
        #expect(try await outcome() == .ignored)
    }
}
