import KafkaTransport
import SagaTestSupport
import Saga
import SagaStore
import Testing
import Wire

@testable import InventoryService
@testable import OrderService
@testable import PaymentService
@testable import PostgreSQL
@testable import Store

/// What is written once for both engines, over PostgreSQL.
@Suite struct PostgreSQLStatementTests {
    @Test func `PostgreSQL understands every statement in the sources`() async throws {
        let statements = try SourceStatements.all()
        try #require(statements.count > 100)
        var places: [EnginePlace] = []
        var sessions: [PostgreSQLSession] = []
        for schema in [Schema.order, .inventory, .payment] {
            let place = try await TestEngine.postgresql.place()
            let connection = try place.engine().openWriter(schema)
            for tables in try SourceStatements.tables() { try connection.execute(tables) }
            places.append(place)
            sessions.append(try place.session())
        }
        for statement in statements {
            var scanner = StatementScanner(Array(statement.utf8))
            let translated = String(decoding: scanner.translated(), as: UTF8.self)
            let errors = sessions.compactMap { session in
                do throws(PostgreSQLError) {
                    try session.execute("PREPARE statement AS \(translated); DEALLOCATE statement")
                    return nil as String?
                } catch {
                    return error.description
                }
            }
            #expect(errors.count < sessions.count, "\(statement): \(errors)")
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `All that is done with the shared tables can be done over both`(engine: TestEngine) async throws {
        let place = try await engine.place()
        let database = try place.database()
        try await database.writer.write { _ = try QueryPlanTests.useEverything($0) }
    }

    @Test(arguments: TestEngine.allCases)
    func `A dead letter may hold any byte, and its reason any character`(engine: TestEngine) async throws {
        let place = try await engine.place()
        let database = try place.database()
        var record = IncomingRecord(.created(OrderID(bits: 1), id: EventID(bits: 2)), offset: 1)
        record.key = [0, 0xFF, 0]
        record.value = Array(0...255)
        let unreadable = UnreadableRecord(.unreadable, "a zero \0 in the middle, and an é")
        let kept = record
        try await database.writer.write { try $0.bury(kept, unreadable) }
        let letter = try #require(try await database.read { try $0.deadLetters(limit: 1) }.first)
        #expect(letter.record.value == record.value && letter.record.key == record.key)
        #expect(letter.reason.hasPrefix("a zero ") && letter.reason.hasSuffix(" in the middle, and an é"))
    }

    @Test(arguments: TestEngine.allCases)
    func `Letters of an order that hold up nothing are listed before its queue`(engine: TestEngine) async throws {
        let place = try await engine.place()
        let database = try place.database()
        let order = OrderID(bits: 1)
        for offset in 1...2 {
            let record = IncomingRecord(.created(order, id: EventID(bits: UInt128(offset))), offset: Int64(offset))
            guard case .event(let envelope) = ExaminedRecord(record, at: .inventory) else { throw Unexpected() }
            try await database.writer.write { try $0.bury(record, envelope, reason: "in the way") }
        }
        try await database.writer.write { try $0.connection.execute("UPDATE dead_letter SET turn = NULL WHERE record_offset = 2") }
        #expect(try await database.read { try $0.deadLetters(of: order).map(\.record.offset) } == [2, 1])
    }

    private struct Unexpected: Error {}

    @Test(arguments: TestEngine.allCases)
    func `Orders are found by every combination of what they can be asked for by`(engine: TestEngine) async throws {
        let place = try await engine.place()
        let database = try place.database(schema: .order)
        var orders: [Order] = []
        for number in 0..<48 {
            let status: OrderStatus = [.pending, .approved, .canceled(.canceledByClient), .canceled(.deadlineExceeded)][number % 4]
            let time = Timestamp.start + Int64(number / 2)
            orders.append(
                Order(
                    terms: OrderTerms(
                        orderID: OrderID(bits: UInt128(number + 1)), userID: Int64(number % 3 + 1), productID: Int64(number % 5 + 1),
                        quantity: 1, amount: 1),
                    status: status, inventory: .unknown, payment: .unknown, createdAt: time, updatedAt: time))
        }
        let all = orders
        try await database.writer.write { transaction in for order in all { try transaction.insert(order) } }
        for choice in 0..<64 {
            var filter = OrderFilter()
            filter.status = choice & 1 > 0 ? 2 : nil
            filter.userID = choice & 2 > 0 ? 1 : nil
            filter.productID = choice & 4 > 0 ? 3 : nil
            filter.reason = choice & 8 > 0 ? .canceledByClient : nil
            filter.since = choice & 16 > 0 ? Timestamp.start + 2 : nil
            filter.until = choice & 32 > 0 ? Timestamp.start + 20 : nil
            let asked = filter
            let expected = orders.reversed().filter { $0.fits(asked) }
            let found = try await database.read { try $0.orders(asked, before: nil, limit: 100) }
            #expect(found == expected, "\(asked)")
            guard let first = expected.first else { continue }
            let rest = try await database.read { try $0.orders(asked, before: first.terms.orderID, limit: 100) }
            #expect(rest == Array(expected.dropFirst()), "\(asked)")
        }
        for status in [OrderStatus.pending, .approved] {
            let pending = try await database.read { [status] snapshot in
                var filter = OrderFilter()
                filter.status = status.code
                return try snapshot.orders(filter, before: nil, limit: 100)
            }
            #expect(pending.count == 12)
        }
        let places = try await database.read { try $0.pendingOrders(before: Timestamp.start + 10, after: nil, limit: 100) }
        #expect(places.map(\.id.bits) == [1, 5, 9, 13, 17])
        #expect(try await database.read { try $0.countPendingOrders(before: Timestamp.start + 10) } == 5)
        #expect(try await database.read { try $0.pendingOrders().count } == 12)
        #expect(
            try await database.read { try $0.finalOrders(before: Timestamp.start + 2, after: nil, limit: 9).map(\.id.bits) } == [2, 3, 4])
        #expect(try await database.read { try $0.countFinalOrders(before: Timestamp.start + 2) } == 3)
    }
}

extension Order {
    fileprivate func fits(_ filter: OrderFilter) -> Bool {
        if let code = filter.status, status.code != code { return false }
        if let user = filter.userID, terms.userID != user { return false }
        if let product = filter.productID, terms.productID != product { return false }
        if let reason = filter.reason, status != .canceled(reason) { return false }
        if let since = filter.since, createdAt < since { return false }
        if let until = filter.until, createdAt >= until { return false }
        return true
    }
}
