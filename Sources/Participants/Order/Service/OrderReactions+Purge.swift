package import Saga
package import SagaStore
package import Store
package import Wire

/// Deleting what is over. Each order goes in one transaction with the event that has the others delete what they hold of it: whatever
/// ends the process, all of it happens or none, and what was not done is done when it is asked for again.
///
/// What stays is the order's id, so that no late event begins it anew, and for as long as `retention` its idempotency key and events.
extension OrderReactions {
    /// - Parameter published: up to where the outbox has reached everybody.
    /// - Returns: those of the orders that were purged by this; the others are not at rest, or not known.
    package func purge(_ ids: [OrderID], published: Int64, in transaction: Transaction) throws -> [OrderID] {
        try ids.filter { id in
            guard let order = try transaction.order(id), order.isAtRest, try transaction.isPublished(id, upTo: published),
                try !transaction.isHeld(id), try !transaction.awaitsDelivery(id)
            else { return false }
            try transaction.delete(order)
            try publishPurge(of: id, order.trace, in: transaction)
            return true
        }
    }

    /// Says again that an order was purged here, to a service that has it back from a backup.
    ///
    /// - Returns: false where it was not.
    package func repeatPurge(of id: OrderID, in transaction: Transaction) throws -> Bool {
        guard try transaction.hasPurged(id) else { return false }
        try publishPurge(of: id, TraceContext(order: id), in: transaction)
        return true
    }

    private func publishPurge(of id: OrderID, _ trace: TraceContext, in transaction: Transaction) throws {
        try transaction.markPurged(id)
        let event = transaction.decide { $0.emission(.orderPurged(orderID: id)) }
        try transaction.append(event, causation: nil, trace: trace)
    }
}

/// A place among the orders, which go from old to new.
package struct OrderPlace: Sendable {
    package let createdAt: Timestamp
    package let id: OrderID
}

extension Snapshot {
    /// Whether the receiver of webhooks is still to hear of the order.
    fileprivate func awaitsDelivery(_ order: OrderID) throws(StoreError) -> Bool {
        try connection.first(
            "SELECT 1 FROM outbox JOIN webhook_delivery ON position = outbox.seq WHERE outbox.order_id = ? AND next_at IS NOT NULL LIMIT 1",
            .bits(order.bits)
        ) { _ in true } ?? false
    }

    /// Final orders placed before `cutoff`, oldest first; the page behind `place`. Whether they are at rest is for `purge` to say.
    package func finalOrders(before cutoff: Timestamp, after place: OrderPlace?, limit: Int) throws(StoreError) -> [OrderPlace] {
        try connection.all(
            """
            SELECT created_at, order_id FROM orders INDEXED BY orders_by_age
            WHERE created_at < ?1 AND (created_at, order_id) > (?2, ?3) AND status <> 0 ORDER BY created_at, order_id LIMIT ?4
            """, .time(cutoff), .time(place?.createdAt ?? Timestamp(microseconds: .min)), .bits(place?.id.bits ?? 0),
            .integer(Int64(limit))
        ) { try OrderPlace(createdAt: $0.timestamp(0), id: $0.id(1)) }
    }

    package func countFinalOrders(before cutoff: Timestamp) throws(StoreError) -> Int {
        try connection.first(
            "SELECT count(*) FROM orders INDEXED BY orders_by_status WHERE status IN (1, 2) AND created_at < ?", .time(cutoff)
        ) { Int(try $0.natural(0)) } ?? 0
    }
}
