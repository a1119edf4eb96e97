package import Saga
import SagaStore
package import Store
package import Wire

/// Which orders are asked for: those of which all of it is true.
package struct OrderFilter: Sendable {
    package var status: Int64?
    package var userID: Int64?
    package var productID: Int64?
    package var reason: CancelReason?
    /// Of the time it was created.
    package var since: Timestamp?
    /// Of the time it was created; that time itself is not among them.
    package var until: Timestamp?

    package init() {}
}

extension Snapshot {
    /// The newest of these orders, from behind `cursor`.
    package func orders(_ filter: OrderFilter, before cursor: OrderID?, limit: Int) throws(StoreError) -> [Order] {
        var end = (time: Timestamp(microseconds: .max), id: UInt128.min)
        if let cursor {
            if let order = try order(cursor) { end = (order.createdAt, cursor.bits) } else { end = try place(behindPurged: cursor) }
        }
        if let until = filter.until, until <= end.time { end = (until, .min) }
        return try connection.all(
            filter.statement, .time(filter.since ?? Timestamp(microseconds: .min)), .time(end.time), .bits(end.id),
            .integer(filter.status), .integer(filter.userID), .integer(filter.productID), .text(filter.reason?.rawValue),
            .integer(Int64(limit)), row: Order.init)
    }

    /// Where a page goes on behind an order of which only the id is left, and with it the millisecond. Orders of that have ids in the
    /// order in which they were placed.
    private func place(behindPurged cursor: OrderID) throws(StoreError) -> (time: Timestamp, id: UInt128) {
        let (start, end) = (cursor.time, Timestamp(milliseconds: cursor.time.milliseconds + 1))
        return try connection.first(
            """
            SELECT created_at, order_id FROM orders INDEXED BY orders_by_age
            WHERE created_at >= ? AND created_at < ? AND order_id < ? ORDER BY created_at DESC, order_id DESC LIMIT 1
            """, .time(start), .time(end), .bits(cursor.bits)
        ) { (try $0.timestamp(0), try $0.bits(1) + 1) } ?? (start, 0)
    }
}

extension OrderID {
    /// When a version 7 id was made (RFC 9562, section 5.7).
    package var time: Timestamp { Timestamp(milliseconds: Int64(bits >> 80)) }
}

extension OrderFilter {
    /// One index leads, the rest is looked at row by row: the one that leaves fewest rows, as far as that can be known. Pending orders
    /// are few, a user's are fewer than a product's, and most orders have the other statuses.
    fileprivate var statement: StaticString {
        if status == OrderStatus.pending.code { return OrderFilter.byStatus }
        if userID != nil { return OrderFilter.byUser }
        if reason != nil { return OrderFilter.byReason }
        if productID != nil { return OrderFilter.byProduct }
        return status != nil ? OrderFilter.byStatus : OrderFilter.byAge
    }

    private static let byStatus: StaticString = """
        SELECT order_id, user_id, product_id, quantity, amount, status, reason, inventory, payment, created_at, updated_at, detail, trace_id
        FROM orders WHERE status = ?4 AND created_at >= ?1 AND (created_at, order_id) < (?2, ?3)
        AND (user_id = ?5 OR ?5 IS NULL) AND (product_id = ?6 OR ?6 IS NULL) AND (reason = ?7 OR ?7 IS NULL)
        ORDER BY created_at DESC, order_id DESC LIMIT ?8
        """

    private static let byUser: StaticString = """
        SELECT order_id, user_id, product_id, quantity, amount, status, reason, inventory, payment, created_at, updated_at, detail, trace_id
        FROM orders WHERE user_id = ?5 AND created_at >= ?1 AND (created_at, order_id) < (?2, ?3)
        AND (status = ?4 OR ?4 IS NULL) AND (product_id = ?6 OR ?6 IS NULL) AND (reason = ?7 OR ?7 IS NULL)
        ORDER BY created_at DESC, order_id DESC LIMIT ?8
        """

    private static let byProduct: StaticString = """
        SELECT order_id, user_id, product_id, quantity, amount, status, reason, inventory, payment, created_at, updated_at, detail, trace_id
        FROM orders WHERE product_id = ?6 AND created_at >= ?1 AND (created_at, order_id) < (?2, ?3)
        AND (status = ?4 OR ?4 IS NULL) AND (user_id = ?5 OR ?5 IS NULL) AND (reason = ?7 OR ?7 IS NULL)
        ORDER BY created_at DESC, order_id DESC LIMIT ?8
        """

    private static let byReason: StaticString = """
        SELECT order_id, user_id, product_id, quantity, amount, status, reason, inventory, payment, created_at, updated_at, detail, trace_id
        FROM orders WHERE reason = ?7 AND created_at >= ?1 AND (created_at, order_id) < (?2, ?3)
        AND (status = ?4 OR ?4 IS NULL) AND (user_id = ?5 OR ?5 IS NULL) AND (product_id = ?6 OR ?6 IS NULL)
        ORDER BY created_at DESC, order_id DESC LIMIT ?8
        """

    private static let byAge: StaticString = """
        SELECT order_id, user_id, product_id, quantity, amount, status, reason, inventory, payment, created_at, updated_at, detail, trace_id
        FROM orders WHERE created_at >= ?1 AND (created_at, order_id) < (?2, ?3)
        AND (status = ?4 OR ?4 IS NULL) AND (user_id = ?5 OR ?5 IS NULL) AND (product_id = ?6 OR ?6 IS NULL) AND (reason = ?7 OR ?7 IS NULL)
        ORDER BY created_at DESC, order_id DESC LIMIT ?8
        """
}
