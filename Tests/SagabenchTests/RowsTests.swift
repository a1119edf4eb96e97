import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import Store
import Testing

@testable import sagabench

/// These fail when a schema or a statement of a service changes and `Benchmarks/sagabench/Rows` does not follow.
struct RowsTests {
    @Test(arguments: [1, 16])
    func `the floor commits six times to a batch`(batch: Int) throws {
        let results = try Floor.measure(batches: [batch], for: .milliseconds(50))
        let result = try #require(results.first)
        #expect(result.ordersPerSecond > 0)
        #expect(result.commitsPerOrder == (6.0 / Double(batch)).rounded(to: 3))
    }

    @Test func `orders of the past are such that the databases agree`() async throws {
        let directory = try SuiteDirectory()
        defer { directory.remove() }
        try makeDatabases(in: directory)
        try await History(orders: 1000, directory: directory).write()

        #expect(try Reconciliation(directory).problems(transport: "direct") == [])
        let connection = try SQLiteConnection(path: directory.database(of: .inventory), role: .reader)
        let sold = try connection.first("SELECT sold FROM stock WHERE product_id = 1") { try $0.integer(0) }
        #expect(sold == 1000)
        let read = try Snapshot(connection).position(in: .order)
        #expect(read?.seq == 2000)
    }

    @Test func `an order without its payment is seen`() async throws {
        let directory = try SuiteDirectory()
        defer { directory.remove() }
        try makeDatabases(in: directory)
        try await History(orders: 10, directory: directory).write()
        try SQLiteConnection(path: directory.database(of: .payment), role: .writer)
            .execute("DELETE FROM payment WHERE order_id = (SELECT min(order_id) FROM payment)")

        #expect(
            try Reconciliation(directory).problems(transport: "direct") == ["direct: 1 APPROVED orders are not paid with their amount"])
    }

    /// As a first start of the daemons makes them.
    private func makeDatabases(in directory: SuiteDirectory) throws {
        let schemas: [(ServiceName, Schema)] = [(.order, .order), (.inventory, .inventory), (.payment, .payment)]
        for (service, schema) in schemas {
            let path = directory.database(of: service)
            let database = try Database(
                engine: SQLiteEngine(directory: String(path.dropLast("/saga.db".count))), schema: schema, clock: { .wallClock },
                initialize: { _ in },
                prepareCommit: { _ in }, committed: { _ in }, failed: { _ in })
            database.close()
        }
    }
}
