package import Saga
import SagaStore
package import Store
package import Wire

/// A place among the undecided orders, which go from old to new.
package struct PendingPlace: Sendable {
    package let createdAt: Timestamp
    package let id: OrderID
}

extension Snapshot {
    /// Those placed before `cutoff`, oldest first; the page behind `place`.
    package func pendingOrders(before cutoff: Timestamp, after place: PendingPlace?, limit: Int) throws(StoreError) -> [PendingPlace] {
        try connection.all(
            """
            SELECT created_at, order_id FROM orders INDEXED BY orders_by_status
            WHERE status = 0 AND created_at < ?1 AND (created_at, order_id) > (?2, ?3) ORDER BY created_at, order_id LIMIT ?4
            """, .time(cutoff), .time(place?.createdAt ?? Timestamp(microseconds: .min)), .bits(place?.id.bits ?? 0),
            .integer(Int64(limit))
        ) { try PendingPlace(createdAt: $0.timestamp(0), id: $0.id(1)) }
    }

    package func countPendingOrders(before cutoff: Timestamp) throws(StoreError) -> Int {
        try connection.first(
            "SELECT count(*) FROM orders INDEXED BY orders_by_status WHERE status = 0 AND created_at < ?", .time(cutoff)
        ) { Int(try $0.natural(0)) } ?? 0
    }
}
