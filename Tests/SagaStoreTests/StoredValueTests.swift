import SagaTestSupport
import Saga
import SagaStore
import Store
import Testing
import Wire

/// What a newer version, a foreign hand or a damaged file has put into the tables is found out: never a trap, never a guess.
@Suite struct StoredValueTests {
    /// A value that this version never writes, and who reads it.
    struct Case: Sendable, CustomTestStringConvertible {
        var change: String
        var read: @Sendable (Snapshot, OrderID) throws -> Void
        var testDescription: String { change }

        init(_ change: String, _ read: @escaping @Sendable (Snapshot, OrderID) throws -> Void) {
            self.change = change
            self.read = read
        }
    }

    static let cases = [
        Case("UPDATE outbox SET type = 'ORDER_SHIPPED'") { snapshot, _ in _ = try snapshot.outbox(after: 0, limit: 1) },
        Case("UPDATE outbox SET type = 'ORDER_SHIPPED'") { _ = try $0.outbox(of: $1) },
        Case("UPDATE outbox SET event_id = x'00'") { snapshot, _ in _ = try snapshot.outbox(after: 0, limit: 1) },
        Case("UPDATE outbox SET trace_id = x''") { snapshot, _ in _ = try snapshot.outbox(after: 0, limit: 1) },
        Case("UPDATE outbox SET occurred_at = -9223372036854775808") { snapshot, _ in _ = try snapshot.occurredAt(outboxSeq: 0) },
        Case("UPDATE outbox SET seq = 9223372036854775807 WHERE seq = 1") { snapshot, _ in _ = try snapshot.outboxBounds() },
        Case("UPDATE inbox SET type = 'ORDER_SHIPPED'") { _ = try $0.inbox(of: $1) },
        Case("UPDATE inbox SET outcome = 'postponed'") { _ = try $0.inbox(of: $1) },
        Case("UPDATE inbox SET causation_id = x'00'") { _ = try $0.inbox(of: $1) },
        Case("UPDATE follower SET seq = -1") { snapshot, _ in _ = try snapshot.followers() },
        Case("UPDATE position SET log_id = x'00'") { snapshot, _ in _ = try snapshot.position(in: .payment) },
        Case("UPDATE position SET seq = 9223372036854775807") { snapshot, _ in _ = try snapshot.position(in: .payment) },
        Case("UPDATE meta SET value = 'none' WHERE name = 'log_id'") { snapshot, _ in _ = try snapshot.logID() },
        Case("UPDATE dead_letter SET kind = 'lost'") { snapshot, _ in _ = try snapshot.deadLetters(limit: 1) },
        Case("UPDATE dead_letter SET headers = 'g'") { snapshot, _ in _ = try snapshot.deadLetters(limit: 1) },
        Case("UPDATE dead_letter SET partition = 2147483648") { _ = try $0.deadLetters(of: $1) },
    ]

    @Test(arguments: cases)
    func `Fault 51, a value that this version does not know: damage, and the end for everybody`(_ unknown: Case) async throws {
        let directory = try TestDirectory()
        let callbacks = Callbacks()
        let database = try Database(in: directory.path, callbacks: callbacks)
        let order = OrderID(bits: 5)
        try await database.writer.write { transaction in
            try transaction.emit(of: order)
            let event = EventEnvelope.created(order, id: EventID(bits: 6))
            let received = EventHandler(FakeParticipant())
            _ = try received.handle(event, in: transaction)
            let record = IncomingRecord(topic: "t", partition: 0, offset: 1, key: nil, attributes: .headers([]), value: [1])
            try transaction.bury(record, event, reason: "because")
            try transaction.saveFollower("payment", at: 1)
            try transaction.savePosition(LogPosition(logID: 1, seq: 1), in: .payment)
        }
        try await database.read { try unknown.read($0, order) }
        #expect(callbacks.failures.isEmpty)

        try RawDatabase(directory.path + "/saga.db").query(unknown.change)
        let error = #expect(throws: StoreError.self) { try database.read { try unknown.read($0, order) } }
        #expect(error?.isCorrupt == true, "\(error.map(String.init(describing:)) ?? "no error")")
        #expect(callbacks.failures == [error])
        #expect(await storeError { try await database.writer.write { try $0.note("more") } } == error)
    }

    @Test func `The message names the column, its value and the query`() async throws {
        let directory = try TestDirectory()
        let database = try Database(in: directory.path)
        try await database.writer.write { _ = try $0.emit() }
        try RawDatabase(directory.path + "/saga.db").query("UPDATE outbox SET type = 'ORDER_SHIPPED'")
        let error = #expect(throws: StoreError.self) { try database.read { try $0.outbox(after: 0, limit: 1) } }
        #expect(error?.description.contains("type = 'ORDER_SHIPPED'") == true)
        #expect(error?.description.contains("FROM outbox") == true)
    }
}
