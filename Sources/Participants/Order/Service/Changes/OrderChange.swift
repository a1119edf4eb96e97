import Saga
import SagaStore
package import Store

/// A change of an order's status: placed, then decided.
///
/// The outbox has each of them, since what changes an order publishes that in the same transaction: durable, and in the order of the
/// commits. So nothing more is written for those who follow the changes.
package struct OrderChange: Sendable, Equatable {
    /// Its place in the outbox, which is never used twice.
    package let position: Int64
    /// As it was then.
    package let order: Order
}

/// What there is behind a position.
package enum OrderChanges: Sendable, Equatable {
    /// - Parameter reached: where to read on, behind these and what is passed over.
    case found([OrderChange], reached: Int64)
    /// Some of them are not kept any more.
    case expired
    /// There is no such position yet.
    case ahead
}

extension Snapshot {
    /// So many places of the outbox are looked at at once: it takes no longer however many of them are events published again.
    private static let window: Int64 = 512

    /// The first of the changes behind `position`.
    package func orderChanges(after position: Int64) throws(StoreError) -> OrderChanges {
        let (first, last) = try outboxBounds()
        guard position <= last else { return .ahead }
        guard position >= first - 1 else { return .expired }
        let end = min(position + Self.window, last)
        let changes = try connection.all(
            """
            SELECT orders.order_id, user_id, product_id, quantity, amount, status, reason, inventory, payment, created_at, updated_at, detail,
                orders.trace_id, seq, type
            FROM outbox JOIN orders ON orders.order_id = outbox.order_id WHERE seq > ? AND seq <= ? AND repeated = 0 ORDER BY seq
            """, .integer(position), .integer(end)
        ) { row in
            let order = try Order(row)
            let type: EventType = try row.value(14)
            return OrderChange(position: try row.natural(13), order: type == .orderCreated ? order.asPlaced : order)
        }
        return .found(changes, reached: end)
    }
}
