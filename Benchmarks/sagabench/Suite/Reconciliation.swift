import Saga
import SagaStore
import Store

/// Compares the three databases of a suite that has stopped, order by order: what `sagactl reconcile` asks the daemons, but over millions
/// of orders in seconds.
struct Reconciliation {
    private let connection: SQLiteConnection

    init(_ directory: SuiteDirectory) throws {
        connection = try SQLiteConnection(path: directory.database(of: .order), role: .reader)
        for service in [ServiceName.inventory, .payment] {
            try connection.execute("ATTACH '\(directory.database(of: service))' AS \(service)_side")
        }
    }

    func problems(transport: String) throws -> [String] {
        try Reconciliation.checks.compactMap { problem, sql in
            let count = try connection.first(sql) { try $0.integer(0) } ?? 0
            return count > 0 ? "\(transport): \(count) \(problem)" : nil
        }
    }

    /// Each counts what must not be.
    private static let checks: [(problem: String, sql: StaticString)] = [
        ("orders are PENDING", "SELECT count(*) FROM orders WHERE status = 0"),
        (
            "APPROVED orders have no sold stock",
            """
            SELECT count(*) FROM orders LEFT JOIN inventory_side.reservation AS r USING (order_id)
            WHERE orders.status = 1 AND r.status IS NOT 'COMMITTED'
            """
        ),
        (
            "APPROVED orders are not paid with their amount",
            """
            SELECT count(*) FROM orders LEFT JOIN payment_side.payment AS p USING (order_id)
            WHERE orders.status = 1 AND (p.status IS NOT 'APPROVED' OR p.amount IS NOT orders.amount)
            """
        ),
        (
            "CANCELED orders still hold stock",
            """
            SELECT count(*) FROM orders JOIN inventory_side.reservation AS r USING (order_id)
            WHERE orders.status = 2 AND r.status IN ('RESERVED', 'COMMITTED')
            """
        ),
        (
            "CANCELED orders are paid",
            """
            SELECT count(*) FROM orders JOIN payment_side.payment AS p USING (order_id) WHERE orders.status = 2 AND p.status = 'APPROVED'
            """
        ),
        (
            "products have sold or reserved what no order has",
            """
            SELECT count(*) FROM inventory_side.stock AS s
            WHERE s.reserved <> 0 OR s.sold <> (
                SELECT coalesce(sum(r.quantity), 0) FROM inventory_side.reservation AS r
                WHERE r.product_id = s.product_id AND r.status = 'COMMITTED')
            """
        ),
    ]
}
