import CSQLite
import OrderService
import Saga
import SagaStore
import Testing
import Wire

@testable import Store

@Suite struct OrderFilterTests {
    private let connection: SQLiteConnection
    private let snapshot: Snapshot

    /// A hundred orders, two of each microsecond, of every user, product, status and reason.
    private static let orders = (0..<100).map { number in
        let status: OrderStatus = [
            .pending, .approved, .canceled(.paymentFailed), .canceled(.inventoryFailed), .canceled(.canceledByClient),
        ][number % 5]
        let time = Timestamp(microseconds: Int64(number / 2))
        return Order(
            terms: OrderTerms(
                orderID: OrderID(bits: UInt128(number)), userID: Int64(number % 3 + 1), productID: Int64(number % 7 + 1), quantity: 1,
                amount: 1),
            status: status, detail: number % 5 == 2 ? "DECLINED" : nil, inventory: .unknown, payment: .unknown, createdAt: time,
            updatedAt: time)
    }

    init() throws {
        connection = try SQLiteConnection(path: ":memory:", role: .memory)
        try Schema.order.migrate(connection)
        let transaction = Transaction(connection, now: Timestamp(microseconds: 0), ids: IDGenerator())
        try transaction.begin()
        for order in OrderFilterTests.orders { try transaction.insert(order) }
        try transaction.commit()
        snapshot = transaction
    }

    /// Every combination of the filters, each with a value that some orders have.
    private static let filters: [OrderFilter] = (0..<64).map { bits in
        var filter = OrderFilter()
        if bits & 1 != 0 { filter.status = 2 }
        if bits & 2 != 0 { filter.userID = 2 }
        if bits & 4 != 0 { filter.productID = 3 }
        if bits & 8 != 0 { filter.reason = .paymentFailed }
        if bits & 16 != 0 { filter.since = Timestamp(microseconds: 5) }
        if bits & 32 != 0 { filter.until = Timestamp(microseconds: 40) }
        return filter
    }

    private static func holds(_ filter: OrderFilter, of order: Order) -> Bool {
        (filter.status == nil || order.status.name == OrderStatus.names[Int(filter.status!)])
            && (filter.userID == nil || order.terms.userID == filter.userID)
            && (filter.productID == nil || order.terms.productID == filter.productID)
            && (filter.reason == nil || order.status == .canceled(filter.reason!))
            && (filter.since == nil || order.createdAt >= filter.since!) && (filter.until == nil || order.createdAt < filter.until!)
    }

    @Test(arguments: filters.indices) func `pages show all orders for which every filter holds, newest first`(_ index: Int) throws {
        for status in [nil, 0, 1] as [Int64?] {
            var filter = OrderFilterTests.filters[index]
            if filter.status != nil, let status { filter.status = status }
            let expected = OrderFilterTests.orders.filter { OrderFilterTests.holds(filter, of: $0) }.reversed()
            for limit in [1, 3, 100] {
                var shown: [Order] = []
                while true {
                    let page = try snapshot.orders(filter, before: shown.last?.terms.orderID, limit: limit)
                    if page.isEmpty { break }
                    shown += page
                }
                #expect(shown == Array(expected))
            }
        }
    }

    @Test func `a cursor of orders that are not asked for is a place all the same`() throws {
        var filter = OrderFilter()
        filter.until = Timestamp(microseconds: 10)
        #expect(try snapshot.orders(filter, before: OrderID(bits: 90), limit: 1).map(\.createdAt.microseconds) == [9])
        filter.since = Timestamp(microseconds: 8)
        #expect(try snapshot.orders(filter, before: OrderID(bits: 4), limit: 1) == [])
    }

    @Test func `an index leads every listing, and none is sorted`() throws {
        var filters = OrderFilterTests.filters
        var pending = OrderFilter()
        pending.status = 0
        pending.userID = 1
        filters.append(pending)
        for filter in filters { _ = try snapshot.orders(filter, before: nil, limit: 1) }
        let listings = connection.statements.values.compactMap { sqlite3_sql($0.handle).map { String(cString: $0) } }.filter {
            $0.contains("LIMIT")
        }
        let plans = try listings.flatMap(plan)
        #expect(plans.count == listings.count, "\(plans)")
        let indices = ["status", "user", "product", "reason", "age"].map { "SEARCH orders USING INDEX orders_by_\($0) (" }
        #expect(indices.allSatisfy { index in plans.contains { $0.hasPrefix(index) } }, "\(plans)")
    }

    private func plan(of sql: String) throws -> [String] {
        var database: OpaquePointer?
        try #require(sqlite3_open(":memory:", &database) == SQLITE_OK)
        defer { sqlite3_close_v2(database) }
        for migration in Schema.order.migrations { try #require(sqlite3_exec(database, migration, nil, nil, nil) == SQLITE_OK) }
        var statement: OpaquePointer?
        try #require(sqlite3_prepare_v2(database, "EXPLAIN QUERY PLAN " + sql, -1, &statement, nil) == SQLITE_OK)
        defer { sqlite3_finalize(statement) }
        var steps: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW { steps.append(String(cString: sqlite3_column_text(statement, 3))) }
        return steps
    }
}
