import SagaTestSupport
import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import Store
import Testing
import Wire

@Suite struct OutboxTests {
    private let directory: TestDirectory
    private let clock = ManualClock()
    private let callbacks = Callbacks()
    private let database: Database
    private let order = OrderID(bits: 0x0198_0000_0000_7000_8000_0000_0000_0001)

    init() throws {
        directory = try TestDirectory()
        database = try Database(in: directory.path, clock: clock, callbacks: callbacks)
    }

    private func told() throws -> [OutboxEntry] {
        try database.read { try $0.outbox(of: order) }.map(\.entry)
    }

    @Test func `An entry is read as it was appended and told`() async throws {
        let charge = Charge(orderID: order, paymentID: PaymentID(bits: 7), userID: 1, amount: 1000)
        let emission = Emission(.paymentFailed(charge, reason: .declined), id: EventID(bits: .max))
        let cause = EventID(bits: 99)
        let trace = TraceContext(traceID: .max - 1)
        try await database.writer.write { [order] transaction in
            try transaction.append(emission, causation: cause, trace: trace, transition: Transition(from: "PENDING", to: "CANCELED"))
            try transaction.append(
                Emission(.orderApproved(orderID: order), id: EventID(bits: 1)), causation: nil, trace: TraceContext(order: order))
        }
        let expected = [
            OutboxEntry(
                seq: 1, eventID: EventID(bits: .max), orderID: order, type: .paymentFailed, causation: cause, trace: trace,
                occurredAt: .start, body: emission.event.encoded()),
            OutboxEntry(
                seq: 2, eventID: EventID(bits: 1), orderID: order, type: .orderApproved, causation: nil, trace: TraceContext(order: order),
                occurredAt: .start, body: SagaEvent.orderApproved(orderID: order).encoded()),
        ]
        #expect(try await database.read { try $0.outbox(after: 0, limit: 10) } == expected)
        #expect(callbacks.committed == [expected])
        let transitions = try RawDatabase(database.path).query("SELECT from_status, to_status FROM outbox ORDER BY seq")
        #expect(transitions == [["PENDING", "CANCELED"], ["", ""]])
    }

    @Test func `The log is read from a position, in order, up to a limit`() async throws {
        try await database.writer.write { transaction in for _ in 0..<10 { try transaction.emit() } }
        func seqs(after seq: Int64, limit: Int) throws -> [Int64] {
            try database.read { try $0.outbox(after: seq, limit: limit) }.map(\.seq)
        }
        #expect(try seqs(after: 0, limit: 3) == [1, 2, 3])
        #expect(try seqs(after: 3, limit: 100) == Array(4...10))
        #expect(try seqs(after: 10, limit: 3) == [])
        #expect(try seqs(after: 5, limit: 0) == [])
    }

    @Test func `The bounds of an empty log are one and nothing`() async throws {
        let empty = try await database.read { try $0.outboxBounds() }
        #expect(empty == (1, 0))
        #expect(try await database.read { try $0.occurredAt(outboxSeq: 1) } == nil)
        try await database.writer.write { transaction in for _ in 0..<3 { try transaction.emit() } }
        #expect(try await database.read { try $0.outboxBounds() } == (1, 3))
    }

    @Test func `An event told again is a copy at the end of the log`() async throws {
        let first = try await database.writer.write { [order] in try $0.emit(of: order) }
        try await database.writer.write { _ = try $0.emit() }
        clock.now = .start + 3600
        let found = try await database.writer.write { [order] in try $0.appendAgain(first, of: order) }
        #expect(found)

        let entries = try await database.read { try $0.outbox(after: 0, limit: 10) }
        var copy = entries[0]
        copy.seq = 3
        #expect(entries.count == 3 && entries[2] == copy)
        #expect(callbacks.committed.last == [copy])
        #expect(try told() == [entries[0]])
    }

    @Test func `What is not in the log cannot be told again`() async throws {
        let first = try await database.writer.write { [order] in try $0.emit(of: order) }
        let found = try await database.writer.write { [order] transaction in
            [try transaction.appendAgain(EventID(bits: 5), of: order), try transaction.appendAgain(first, of: OrderID(bits: 5))]
        }
        #expect(found == [false, false])
        #expect(try await database.read { try $0.outboxBounds().last } == 1)
    }

    @Test func `What was told of an order leaves out other orders and repetitions`() async throws {
        let ids = try await database.writer.write { [order] transaction in
            let ids = [try transaction.emit(of: order), try transaction.emit(), try transaction.emit(of: order)]
            #expect(try transaction.appendAgain(ids[0], of: order))
            return ids
        }
        #expect(try told().map(\.eventID) == [ids[0], ids[2]])
    }

    @Test func `When an entry happened is found also where it was deleted`() async throws {
        for i in 0..<3 {
            clock.now = .start + Int64(i)
            try await database.writer.write { _ = try $0.emit() }
        }
        try RawDatabase(database.path).query("DELETE FROM outbox WHERE seq = 2")
        let times = try (1...4).map { seq in try database.read { try $0.occurredAt(outboxSeq: seq) } }
        #expect(times == [.start, .start + 2, .start + 2, nil])
    }

    @Test func `A follower only moves forward`() async throws {
        for seq in [5, 3, 9, 9, 1] as [Int64] { try await database.writer.write { try $0.saveFollower("payment", at: seq) } }
        try await database.writer.write { try $0.saveFollower("inventory", at: 2) }
        #expect(try await database.read { try $0.followers() } == ["payment": 9, "inventory": 2])
    }
}
