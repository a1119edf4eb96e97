package import Saga
package import Store
import Wire

/// The marks that purged orders leave.
extension Transaction {
    /// With nothing ever purged this asks once a transaction, not once an event.
    func isPurged(_ order: OrderID) throws(StoreError) -> Bool {
        let mayBe: Bool
        if let known = gathered.hasPurgedOrders {
            mayBe = known
        } else {
            mayBe = try connection.first("SELECT 1 FROM purged_order LIMIT 1") { _ in true } ?? false
            gathered.hasPurgedOrders = mayBe
        }
        return mayBe ? try hasPurged(order) : false
    }

    package func markPurged(_ order: OrderID) throws(StoreError) {
        try connection.post("INSERT INTO purged_order VALUES (?) ON CONFLICT DO NOTHING", .bits(order.bits))
        gathered.hasPurgedOrders = true
    }
}

extension Snapshot {
    /// Whether all that was published of an order has reached everybody.
    package func isPublished(_ order: OrderID, upTo published: Int64) throws(StoreError) -> Bool {
        let last = try connection.first("SELECT max(seq) FROM outbox WHERE order_id = ?", .bits(order.bits)) { row in
            try row.optional(0) { try $0.natural($1) }
        }
        return (last ?? nil).map { $0 <= published } ?? true
    }

    /// Whether events of the order wait for an operator.
    package func isHeld(_ order: OrderID) throws(StoreError) -> Bool { try queueHead(of: order) != nil }

    package func hasPurged(_ order: OrderID) throws(StoreError) -> Bool {
        try connection.first("SELECT 1 FROM purged_order WHERE order_id = ?", .bits(order.bits)) { _ in true } ?? false
    }
}
