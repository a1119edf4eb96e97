import SagaTestSupport
import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import Store
import Testing
import Wire

@Suite struct EventHandlerTests {
    private let directory: TestDirectory
    private let clock = ManualClock()
    private let callbacks = Callbacks()
    private let database: Database
    private let handler = EventHandler(FakeParticipant())
    private let order = OrderID(bits: 10)

    init() throws {
        directory = try TestDirectory()
        database = try Database(in: directory.path, clock: clock, callbacks: callbacks)
    }

    private func handle(_ envelope: EventEnvelope) async throws -> HandledEvent {
        try await database.writer.write { [handler] in try handler.handle(envelope, in: $0) }
    }

    private func handle(_ records: [IncomingRecord]) async throws -> [HandledEvent] {
        let batch = records.map { (record: $0, examined: ExaminedRecord($0, at: .inventory)) }
        return try await database.writer.write { [handler] in try handler.handle(batch, in: $0) }
    }

    private func created(_ order: UInt128, quantity: Int64 = 1) -> IncomingRecord {
        IncomingRecord(.created(OrderID(bits: order), id: EventID(bits: 1000 + order), quantity: quantity), offset: Int64(order))
    }

    private var outbox: [OutboxEntry] {
        get throws { try database.read { try $0.outbox(after: 0, limit: 1000) } }
    }

    private func inbox(of order: OrderID) throws -> [InboxEntry] {
        try database.read { try $0.inbox(of: order) }
    }

    private func deadLetters() throws -> [StoredDeadLetter] {
        try database.read { try $0.deadLetters(limit: 10) }
    }

    @Test func `An event has its effect, its answer and its entry in the timeline`() async throws {
        let handled = try await handle(.created(order, id: EventID(bits: 1)))
        #expect(handled.outcome == .applied)
        #expect(handled.transition == Transition(from: nil, to: "RESERVED"))

        let entry = try #require(try outbox.first)
        #expect(try outbox.count == 1)
        #expect(handled.emissions.map(\.id) == [entry.eventID])
        #expect(entry.type == .inventoryReserved)
        #expect(entry.causation == EventID(bits: 1))
        #expect(entry.trace == TraceContext(traceID: 77))
        let received = try #require(try inbox(of: order).first)
        #expect(received.eventID == EventID(bits: 1) && received.type == .orderCreated && received.causation == nil)
        #expect(received.receivedAt == .start && received.duplicateAt == nil)
        #expect(received.outcome == .applied && received.transition == handled.transition)
    }

    @Test func `The same event again has no effect and is noted`() async throws {
        _ = try await handle(.created(order, id: EventID(bits: 1)))
        for i in 1...4 {
            clock.now = .start + Int64(i)
            let handled = try await handle(.created(order, id: EventID(bits: 1)))
            #expect(handled.outcome == .duplicate)
            #expect(handled.emissions.isEmpty && handled.transition == nil)
        }
        #expect(try outbox.count == 1)
        #expect(try database.notes().count == 1)
        let entry = try #require(try inbox(of: order).first)
        #expect(entry.outcome == .applied)
        #expect(entry.receivedAt == .start)
        #expect(entry.duplicateAt == .start + 4)
        #expect(try RawDatabase(database.path).query("SELECT duplicates FROM inbox") == [["4"]])
    }

    @Test func `The same event twice in one batch has one effect`() async throws {
        let handled = try await handle([created(1), created(1)])
        #expect(handled.map(\.outcome) == [.applied, .duplicate])
        #expect(try outbox.count == 1)
    }

    @Test func `A known order under a new event id gets the first answer again`() async throws {
        let first = try await handle(.created(order, id: EventID(bits: 1)))
        clock.now = .start + 60
        let again = try await handle(.created(order, id: EventID(bits: 2), trace: 88))
        #expect(again.outcome == .duplicate)
        #expect(again.emissions == first.emissions)

        let entries = try outbox
        var copy = entries[0]
        copy.seq = 2
        #expect(entries == [entries[0], copy])
        #expect(try inbox(of: order).map(\.outcome) == [.applied, .duplicate])
    }

    @Test func `The first answer is given again under its id also when retention has deleted it`() async throws {
        let first = try await handle(.created(order, id: EventID(bits: 1)))
        try await database.writer.write { transaction in
            try transaction.emit()
            _ = try transaction.deleteExpired(before: .start + 1, published: .max, limit: 100)
        }
        let again = try await handle(.created(order, id: EventID(bits: 2), trace: 88))
        #expect(again.outcome == .duplicate)
        let entry = try #require(try outbox.last)
        #expect(entry.eventID == first.emissions.first?.id)
        #expect(entry.causation == EventID(bits: 2))
        #expect(entry.trace == TraceContext(traceID: 88))
    }

    @Test func `What does not apply is noted as ignored`() async throws {
        let handled = try await handle(.approved(order, id: EventID(bits: 3)))
        #expect(handled.outcome == .ignored)
        let entry = try #require(try inbox(of: order).first)
        #expect(entry.outcome == .ignored && entry.transition == nil && entry.causation == EventID(bits: 4))
        #expect(try outbox.isEmpty)
    }

    @Test(arguments: [FakeParticipant.poison, FakeParticipant.mistake])
    func `A poisonous record becomes a dead letter and the others go on`(quantity: Int64) async throws {
        let handled = try await handle([created(1), created(2, quantity: quantity), created(3), created(4, quantity: quantity)])
        #expect(handled.map(\.outcome) == [.applied, .deadLettered, .applied, .deadLettered])
        #expect(handled[1].cause?.reason.isEmpty == false)
        #expect(try database.notes() == [OrderID(bits: 1).description, OrderID(bits: 3).description])
        #expect(try outbox.map(\.orderID) == [OrderID(bits: 1), OrderID(bits: 3)])
        #expect(try outbox.map(\.seq) == [1, 2])
        #expect(callbacks.committed.map { $0.map(\.seq) } == [[1, 2]])
        #expect(try await database.read { try $0.totals() } == ["dead_letters": 2])

        let letters = try deadLetters()
        #expect(letters.map(\.record.offset) == [2, 4])
        #expect(letters.map(\.orderID) == [OrderID(bits: 2), OrderID(bits: 4)])
        #expect(letters.map(\.reason) == [handled[1].cause?.reason, handled[3].cause?.reason])
        #expect(letters[0].record.value == created(2, quantity: quantity).value)
    }

    @Test func `What a participant may not say is never published: its event becomes a dead letter`() async throws {
        let handled = try await handle([created(1), created(2, quantity: FakeParticipant.slip)])
        #expect(handled.map(\.outcome) == [.applied, .deadLettered])
        #expect(handled[1].cause?.reason == "inventory may not say this INVENTORY_RELEASED on ORDER_CREATED: see its row in Choreography")
        #expect(try outbox.map(\.orderID) == [OrderID(bits: 1)])
        #expect(try database.notes() == [OrderID(bits: 1).description])
    }

    @Test func `A batch delivered again is absorbed, with its dead letter`() async throws {
        let batch = [created(1), created(2, quantity: FakeParticipant.poison)]
        _ = try await handle(batch)
        #expect(try await handle(batch).map(\.outcome) == [.duplicate, .deadLettered])
        #expect(try deadLetters().count == 1)
        #expect(try await database.read { try $0.totals() } == ["dead_letters": 1])
        #expect(try outbox.count == 1)
    }

    @Test func `A dead letter can be retried as if it came for the first time`() async throws {
        _ = try await handle([created(2, quantity: FakeParticipant.poison)])
        #expect(try inbox(of: OrderID(bits: 2)) == [])
        #expect(try await handle(.created(OrderID(bits: 2), id: EventID(bits: 1002))).outcome == .applied)
    }

    @Test func `What is not an event becomes a dead letter`() async throws {
        var noID = created(1)
        noID.attributes = .headers([])
        let noJSON = IncomingRecord(
            topic: "order-events", partition: 0, offset: 7, key: nil,
            attributes: .read(id: EventID(bits: 1), time: .start, causation: nil, trace: TraceContext(traceID: 1)), value: [0xFF])
        let handled = try await handle([noID, noJSON, created(3)])
        #expect(handled.map(\.outcome) == [.deadLettered, .deadLettered, .applied])
        #expect(handled.map(\.envelope?.id) == [nil, nil, EventID(bits: 1003)])
        #expect(try deadLetters().map(\.record.offset) == [1, 7])
    }

    @Test func `Unknown types and events for others leave no trace`() async throws {
        var unknown = created(1)
        unknown.value = Array(#"{"type":"ORDER_SHIPPED","payload":{}}"#.utf8)
        let foreign = IncomingRecord(
            EventEnvelope(
                id: EventID(bits: 5), time: nil, causation: nil, trace: TraceContext(traceID: 1),
                event: .inventoryReserved(StockClaim(orderID: order, productID: 1, quantity: 1))), offset: 9)
        #expect(ExaminedRecord(unknown, at: .inventory) == .unknownType("ORDER_SHIPPED"))
        #expect(ExaminedRecord(foreign, at: .inventory) == .passedOver(.inventoryReserved))
        #expect(!ExaminedRecord(unknown, at: .inventory).hasEffect && !ExaminedRecord(foreign, at: .inventory).hasEffect)
        #expect(try await handle([unknown, foreign]) == [])
        for table in ["inbox", "outbox", "dead_letter"] {
            #expect(try RawDatabase(database.path).query("SELECT count(*) FROM \(table)") == [["0"]])
        }
    }

    @Test func `A fault of the database is no fault of the record and leaves nothing`() async throws {
        let batch = [created(1), created(2, quantity: FakeParticipant.poison), created(3, quantity: FakeParticipant.fullDisk)]
        #expect(await storeError { try await handle(batch) } == .full)
        #expect(await storeError { try await handle([created(3, quantity: FakeParticipant.fullDisk)]) } == .full)
        for table in ["inbox", "outbox", "dead_letter", "note", "total"] {
            #expect(try RawDatabase(database.path).query("SELECT count(*) FROM \(table)") == [["0"]], "\(table)")
        }
        #expect(callbacks.committed.isEmpty)
    }
}
