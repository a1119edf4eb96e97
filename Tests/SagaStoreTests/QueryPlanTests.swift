import SagaTestSupport
import Saga
import SagaStore
import Store
import Testing
import Wire

/// Every statement of the store, with the plan SQLite makes for it.
@Suite struct QueryPlanTests {
    @Test func `No statement walks through a table that grows`() async throws {
        let directory = try TestDirectory()
        let database = try Database(in: directory.path)
        let statements = try await database.writer.write(Self.useEverything)
        try #require(statements.count > 30)

        let raw = try RawDatabase(database.path)
        let planned = ["SELECT", "INSERT", "UPDATE", "DELETE"]
        for statement in statements where planned.contains(where: statement.hasPrefix) {
            let plan = try raw.query("EXPLAIN QUERY PLAN " + statement)
            let steps = plan.map { $0[3] }
            // Names of services, of totals and of tables: a handful of rows.
            let short = ["SCAN total", "SCAN follower", "SCAN lane", "SCAN sqlite_schema"]
            let scans = plan.filter { $0[3].hasPrefix("SCAN") && !short.contains($0[3]) }
            if !scans.isEmpty {
                // Walking an index or the table itself from one end, for so many rows.
                #expect(statement.contains("LIMIT") && scans.count == 1, "\(statement): \(steps)")
                #expect(statement.hasPrefix("SELECT") || scans[0][1] != "0", "\(statement): \(steps)")
            }
            #expect(!steps.contains { $0.contains("TEMP B-TREE") }, "\(statement): \(steps)")
            #expect(!steps.contains { $0.contains("AUTOMATIC") }, "\(statement): \(steps)")
        }
        for table in ["inbox", "outbox", "dead_letter", "position", "follower", "total", "meta"] {
            #expect(statements.contains { $0.contains(table) }, "\(table)")
        }
    }

    /// Goes through all functions over one connection; returns the statements that took.
    static func useEverything(_ transaction: Transaction) throws -> [String] {
        let handler = EventHandler(FakeParticipant())
        let order = OrderID(bits: 1)
        for id in [1, 1, 2] as [UInt128] { _ = try handler.handle(.created(order, id: EventID(bits: id)), in: transaction) }
        let poison = IncomingRecord(.created(order, id: EventID(bits: 3), quantity: FakeParticipant.poison), offset: 1)
        _ = try handler.handle([(poison, ExaminedRecord(poison, at: .inventory))], in: transaction)
        let later = IncomingRecord(.approved(order, id: EventID(bits: 4)), offset: 2)
        _ = try handler.handle([(later, ExaminedRecord(later, at: .inventory))], in: transaction)
        try transaction.bury(poison, UnreadableRecord(.unreadable, "because"))
        for letter in try transaction.deadLetters(limit: 10) {
            _ = try handler.retry(letter.id, in: transaction)
            try transaction.noteFailedRetry(of: letter.id, UnreadableRecord(.schema, "again"))
            _ = try handler.discard(letter.id, in: transaction)
        }
        _ = try transaction.deadLetters(of: order)
        _ = try transaction.deadLetterCounts()
        let id = try transaction.emit(of: order)
        _ = try transaction.appendAgain(id, of: order)
        _ = try transaction.outbox(after: 0, limit: 1)
        _ = try transaction.outbox(of: order)
        _ = try transaction.inbox(of: order)
        _ = try transaction.outboxBounds()
        _ = try transaction.occurredAt(outboxSeq: 1)
        try transaction.saveFollower("payment", at: 1)
        _ = try transaction.followers()
        try transaction.savePosition(LogPosition(logID: 1, seq: 1), in: .order)
        _ = try transaction.position(in: .order)
        _ = try transaction.logID()
        _ = try transaction.totals()
        _ = try transaction.initialize()
        _ = try transaction.deleteExpired(before: .start, published: 100, limit: 10)
        try transaction.markPurged(OrderID(bits: 9))
        _ = try transaction.hasPurged(order)
        _ = try transaction.isPublished(order, upTo: 0)
        _ = try transaction.isHeld(order)
        try transaction.forgetUser(inEventsOf: order)
        try transaction.open(try transaction.lane(since: .start))
        _ = try transaction.laneWaiting()
        _ = try transaction.advanceLane(limit: 10)
        return transaction.connection.preparedStatements
    }
}
