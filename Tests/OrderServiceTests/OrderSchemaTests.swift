import OrderService
import Saga
import SagaStore
import Store
import Testing
import Wire

@Suite struct OrderSchemaTests {
    @Test func `orders of 0.1.0 are kept, listed, and go on`() throws {
        let connection = try SQLiteConnection(path: ":memory:", role: .memory)
        // That version had these three.
        for migration in Schema.order.migrations.prefix(3) { try connection.execute(migration) }
        try connection.execute(
            """
            INSERT INTO orders VALUES (x'00000000000000000000000000000001', 1, 2, 3, 4, 2, 'PAYMENT_FAILED', 1, 2, 5, 6);
            INSERT INTO orders VALUES (x'00000000000000000000000000000002', 7, 2, 3, 4, 0, NULL, 0, 0, 8, 8);
            PRAGMA user_version = 3;
            """)
        try Schema.order.migrate(connection)
        let transaction = Transaction(connection, now: Timestamp(microseconds: 9), ids: IDGenerator())
        try transaction.begin()
        let orders = try transaction.orders(OrderFilter(), before: nil, limit: 10)
        #expect(orders.map(\.terms.userID) == [7, 1])
        #expect(orders.map(\.status) == [.pending, .canceled(.paymentFailed)])
        #expect(orders.map(\.detail) == [nil, nil])
        #expect(try transaction.pendingOrders().map(\.id) == [OrderID(bits: 2)])

        _ = try OrderReactions().react(to: .inventoryFailed("UNKNOWN_PRODUCT"), of: OrderID(bits: 2), in: transaction)
        var filter = OrderFilter()
        filter.reason = .inventoryFailed
        #expect(try transaction.orders(filter, before: nil, limit: 10).map(\.detail) == ["UNKNOWN_PRODUCT"])
    }
}
