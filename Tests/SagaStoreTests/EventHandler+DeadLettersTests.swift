import SagaTestSupport
import Saga
import SagaStore
import Store
import Testing
import Wire

/// An event whose handling fails, what comes of its order behind it, and what an operator does about it.
@Suite struct EventHandlerDeadLettersTests {
    private let directory: TestDirectory
    private let clock = ManualClock()
    private let database: Database
    private let handler = EventHandler(FakeParticipant())
    private let order = OrderID(bits: 10)

    init() throws {
        directory = try TestDirectory()
        database = try Database(in: directory.path, clock: clock)
    }

    // MARK: What is used

    private var created: IncomingRecord { IncomingRecord(.created(order, id: EventID(bits: 1)), offset: 1) }
    /// The later events of the order: each is received, and ignored.
    private func later(_ number: Int64, offset: Int64? = nil) -> IncomingRecord {
        IncomingRecord(.approved(order, id: EventID(bits: UInt128(number))), offset: offset ?? number)
    }
    private func other(_ number: Int64) -> IncomingRecord {
        IncomingRecord(.created(OrderID(bits: UInt128(number)), id: EventID(bits: UInt128(number))), offset: number)
    }

    @discardableResult
    private func handle(_ records: IncomingRecord...) async throws -> [HandledEvent] {
        let batch = records.map { (record: $0, examined: ExaminedRecord($0, at: .inventory)) }
        return try await database.writer.write { [handler] in try handler.handle(batch, in: $0) }
    }

    private func retry(_ id: DeadLetterID) async throws -> SettledDeadLetter {
        try await database.writer.write { [handler] in try handler.retry(id, in: $0) }
    }

    private func discard(_ id: DeadLetterID) async throws -> SettledDeadLetter {
        try await database.writer.write { [handler] in try handler.discard(id, in: $0) }
    }

    /// Makes the handling of an event fail until it is mended.
    private func obstruct(_ event: UInt128) async throws {
        try await database.writer.write { transaction in
            try transaction.connection.execute(
                """
                CREATE TRIGGER obstacle_\(event) AFTER INSERT ON inbox WHEN hex(new.event_id) = '\(EventID(bits: event).hex)'
                BEGIN SELECT RAISE(ABORT, 'in the way'); END
                """)
        }
    }

    private func mend(_ event: UInt128) async throws {
        try await database.writer.write { try $0.connection.execute("DROP TRIGGER obstacle_\(event)") }
    }

    private var letters: [StoredDeadLetter] {
        get throws { try database.read { try $0.deadLetters(limit: 100) } }
    }

    /// The events of the order that were handled, in order.
    private var received: [UInt128] {
        get throws { try database.read { try $0.inbox(of: order) }.map(\.eventID.bits) }
    }

    private var total: Int64? {
        get throws { try database.read { try $0.totals() }["dead_letters"] }
    }

    /// A failed event and two that are parked behind it.
    private func park() async throws -> [StoredDeadLetter] {
        try await obstruct(1)
        try await handle(created, later(2), later(3))
        let letters = try letters
        try #require(letters.count == 3)
        return letters
    }

    // MARK: Parking

    @Test func `The later events of an order are parked behind the one that failed, and other orders flow`() async throws {
        try await obstruct(1)
        let first = try await handle(other(20), created, other(21), later(2))
        #expect(first.map(\.outcome) == [.applied, .deadLettered, .applied, .deadLettered])
        #expect(first.map(\.cause?.kind) == [nil, .handlerFailed, nil, .parked])
        #expect(try await handle(later(3), other(22)).map(\.outcome) == [.deadLettered, .applied])

        let letters = try letters
        try #require(letters.map(\.kind) == [.handlerFailed, .parked, .parked])
        #expect(letters.map(\.parkedBehind) == [nil, letters[0].id, letters[0].id])
        #expect(letters.map(\.attempts) == [1, 0, 0])
        #expect(letters.map(\.orderID) == [order, order, order])
        #expect(letters.map(\.record.value) == [created, later(2), later(3)].map(\.value))
        #expect(try await database.read { try $0.deadLetters(of: order) } == letters)
        #expect(try await database.read { try $0.deadLetterCounts() }.filter { $0.value > 0 } == [.handlerFailed: 1, .parked: 2])
        #expect(try total == 3)
        #expect(try received == [])
        #expect(try database.notes().count == 3)
    }

    @Test func `What was applied already is absorbed, also while its order is held up`() async throws {
        try await handle(created)
        try await obstruct(2)
        #expect(try await handle(later(2), created).map(\.outcome) == [.deadLettered, .duplicate])
        #expect(try await handle(created).map(\.outcome) == [.duplicate])
        #expect(try letters.count == 1)
    }

    @Test func `A parked event is kept once, however often and wherever it is delivered`() async throws {
        _ = try await park()
        let again = try await handle(created, later(2), later(2), later(3, offset: 99), created)
        #expect(again.allSatisfy { $0.outcome == .deadLettered && $0.cause?.kind == .parked })
        #expect(try letters.map(\.record.offset) == [1, 2, 3])
        #expect(try total == 3)
    }

    @Test func `A restart forgets nothing of it`() async throws {
        let letters = try await park()
        database.close()
        let reopened = try Database(in: directory.path, clock: clock)
        clock.now = .start + -3600
        let record = later(4)
        let handled = try await reopened.writer.write { [handler] in
            try handler.handle([(record, ExaminedRecord(record, at: .inventory))], in: $0)
        }
        #expect(handled.map(\.cause?.kind) == [.parked])
        // In order of arrival, whatever the clock of the new process says.
        let queue = try await reopened.read { try $0.deadLetters(of: order) }
        #expect(queue.map(\.record.offset) == [1, 2, 3, 4])
        #expect(queue.map(\.parkedBehind) == [nil] + Array(repeating: letters[0].id, count: 3))
    }

    @Test func `What is rolled back holds up nothing`() async throws {
        try await obstruct(1)
        let hold = await database.writer.hold()
        let record = created
        let undone = database.writer.submit { [handler] in
            _ = try handler.handle([(record, ExaminedRecord(record, at: .inventory))], in: $0)
            throw FakeParticipant.Refusal()
        }
        let next = later(2)
        let handled = database.writer.submit { [handler] in
            try handler.handle([(next, ExaminedRecord(next, at: .inventory))], in: $0)
        }
        try await hold.letGo()
        await #expect(throws: FakeParticipant.Refusal.self) { try await undone.value }
        #expect(try await handled.value.map(\.outcome) == [.ignored])
        #expect(try letters == [])
    }

    @Test func `A record that cannot be read holds up nothing, whatever order it names`() async throws {
        var damaged = created
        damaged.attributes = .headers([])
        #expect(try await handle(damaged, later(2)).map(\.outcome) == [.deadLettered, .ignored])
        let letter = try #require(try letters.first)
        #expect(letter.kind == .missingID && letter.orderID == order)
        #expect(try await handle(created).map(\.outcome) == [.applied])
    }

    @Test func `Another event at the place of an earlier dead letter is not lost`() async throws {
        _ = try await park()
        // A broker that has lost its log begins at zero again.
        try await handle(later(5, offset: 2))
        #expect(try letters.map(\.record.offset) == [1, 2, 3, 2])
    }

    // MARK: Retrying

    @Test func `A retry that succeeds applies what is parked behind it, in order`() async throws {
        let letters = try await park()
        try await mend(1)
        guard case .settled(let event, let followers, nil) = try await retry(letters[0].id) else { throw Unexpected() }
        #expect(event?.outcome == .applied)
        #expect(followers.map(\.outcome) == [.ignored, .ignored])
        #expect(try received == [1, 2, 3])
        #expect(try self.letters == [])
        #expect(try total == 0)
        #expect(try await handle(later(4)).map(\.outcome) == [.ignored])
        #expect(try await handle(created, later(2)).map(\.outcome) == [.duplicate, .duplicate])
        #expect(try await retry(letters[0].id) == .unknown)
    }

    @Test func `A retry that fails again is counted and changes nothing else`() async throws {
        let letters = try await park()
        guard case .failed(let reason) = try await retry(letters[0].id) else { throw Unexpected() }
        #expect(reason.contains("in the way"))
        #expect(try self.letters.map(\.attempts) == [2, 0, 0])
        #expect(try self.letters.map(\.kind) == [.handlerFailed, .parked, .parked])
        #expect(try received == [] && database.notes() == [])
    }

    @Test func `A parked one is not tried before the one it is parked behind`() async throws {
        let letters = try await park()
        #expect(try await retry(letters[2].id) == .parked(behind: letters[0].id))
        #expect(try self.letters == letters)
    }

    @Test func `The first of the parked ones that fails holds up the rest`() async throws {
        let letters = try await park()
        try await handle(later(4))
        try await mend(1)
        try await obstruct(3)
        guard case .settled(let event, let followers, let heldBy) = try await retry(letters[0].id) else { throw Unexpected() }
        #expect(event?.outcome == .applied)
        #expect(followers.map(\.outcome) == [.ignored, .deadLettered])
        #expect(heldBy == letters[2].id)
        #expect(try received == [1, 2])
        let rest = try self.letters
        #expect(rest.map(\.kind) == [.handlerFailed, .parked])
        #expect(rest.map(\.attempts) == [1, 0])
        #expect(rest.map(\.parkedBehind) == [nil, letters[2].id])

        try await mend(3)
        _ = try await retry(letters[2].id)
        #expect(try received == [1, 2, 3, 4])
    }

    @Test func `A parked one that another version cannot read is not lost but holds up the rest`() async throws {
        let letters = try await park()
        try await mend(1)
        try await database.writer.write { try $0.connection.execute("UPDATE dead_letter SET value = x'00' WHERE record_offset = 2") }
        guard case .settled(_, [], let heldBy) = try await retry(letters[0].id) else { throw Unexpected() }
        #expect(heldBy == letters[1].id)
        guard case .failed = try await retry(letters[1].id) else { throw Unexpected() }
        #expect(try self.letters.map(\.kind) == [.handlerFailed, .parked])
        #expect(try self.letters.map(\.attempts) == [2, 0])
        _ = try await discard(letters[1].id)
        #expect(try received == [1, 3])
    }

    @Test func `A fault of the database during a retry is no failed attempt`() async throws {
        // Before the participant comes to its own error.
        try await database.writer.write {
            try $0.connection.execute("CREATE TRIGGER obstacle_1 BEFORE INSERT ON note BEGIN SELECT RAISE(ABORT, 'in the way'); END")
        }
        try await handle(IncomingRecord(.created(order, id: EventID(bits: 1), quantity: FakeParticipant.fullDisk), offset: 1))
        try await mend(1)
        let letters = try letters
        #expect(await storeError { try await retry(letters[0].id) } == .full)
        #expect(try self.letters == letters)
    }

    @Test func `A record that has become readable waits for the order it turns out to be of`() async throws {
        let head = try #require(try await park().first)
        try await database.writer.write { try $0.bury(later(5), UnreadableRecord(.schema, "not known yet")) }
        let letter = try #require(try letters.last)
        #expect(try await retry(letter.id) == .parked(behind: head.id))
        try await mend(1)
        _ = try await retry(head.id)
        guard case .settled(let event, [], nil) = try await retry(letter.id) else { throw Unexpected() }
        #expect(event?.outcome == .ignored)
        #expect(try received == [1, 2, 3, 5])
    }

    @Test func `A record that has become readable and fails then holds up its order`() async throws {
        try await database.writer.write { try $0.bury(created, UnreadableRecord(.schema, "not known yet")) }
        try await obstruct(1)
        let id = try #require(try letters.first).id
        guard case .failed = try await retry(id) else { throw Unexpected() }
        try await handle(later(2))
        #expect(try letters.map(\.kind) == [.handlerFailed, .parked])
        try await mend(1)
        _ = try await retry(id)
        #expect(try received == [1, 2])
    }

    // MARK: Discarding

    @Test func `When the head is discarded its event is skipped and the parked ones are handled`() async throws {
        let letters = try await park()
        guard case .settled(nil, let followers, nil) = try await discard(letters[0].id) else { throw Unexpected() }
        #expect(followers.count == 2)
        #expect(try received == [2, 3])
        #expect(try self.letters == [])
    }

    @Test func `When a parked one is discarded the rest waits on`() async throws {
        let letters = try await park()
        guard case .settled(nil, [], nil) = try await discard(letters[1].id) else { throw Unexpected() }
        #expect(try self.letters == [letters[0], letters[2]])
        try await mend(1)
        _ = try await retry(letters[0].id)
        #expect(try received == [1, 3])
        #expect(try await discard(letters[1].id) == .unknown)
    }

    private struct Unexpected: Error {}
}

extension EventID {
    fileprivate var hex: String {
        let digits = String(bits, radix: 16, uppercase: true)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
