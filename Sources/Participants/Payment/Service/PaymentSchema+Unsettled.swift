package import Saga
import SagaStore
package import Store
import Wire

/// Why a gateway is asked: what its answer will be published as the effect of.
package struct SettlementCauses: Equatable, Sendable {
    package var charge: EventID?
    package var refund: EventID?
    package var trace: TraceContext
}

extension Snapshot {
    /// The payments whose outcome is not known, the oldest first.
    package func unsettledPayments() throws(StoreError) -> [OrderID] {
        try connection.all("SELECT order_id FROM unsettled ORDER BY order_id") { try $0.id(0) }
    }

    func settlementCauses(of order: OrderID) throws(StoreError) -> SettlementCauses? {
        try connection.first("SELECT charge_cause, refund_cause, trace_id FROM unsettled WHERE order_id = ?", .bits(order.bits)) { row in
            try SettlementCauses(
                charge: row.optional(0) { try $0.id($1) }, refund: row.optional(1) { try $0.id($1) },
                trace: row.trace(2))
        }
    }
}

extension Transaction {
    func save(_ causes: SettlementCauses, of order: OrderID) throws(StoreError) {
        try connection.post(
            """
            INSERT INTO unsettled VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (order_id) DO UPDATE SET charge_cause = ?2, refund_cause = ?3
            """, .bits(order.bits), .bits(causes.charge?.bits), .bits(causes.refund?.bits), .trace(causes.trace))
    }

    func forgetSettlement(of order: OrderID) throws(StoreError) {
        try connection.post("DELETE FROM unsettled WHERE order_id = ?", .bits(order.bits))
    }
}
