package import Saga
package import SagaStore
package import Store
import Wire

extension Schema {
    /// The table of the payment service. The answer columns are empty only for a VOID whose order has not come.
    package static let payment = Schema(
        """
        CREATE TABLE payment (
            order_id BLOB PRIMARY KEY,
            status TEXT NOT NULL,
            answer_id BLOB,
            payment_id BLOB,
            user_id INTEGER,
            amount INTEGER,
            failure TEXT
        ) STRICT, WITHOUT ROWID;
        """,
        later: [
            "ALTER TABLE payment ADD COLUMN created_at INTEGER; ALTER TABLE payment ADD COLUMN updated_at INTEGER;",
            gateway,
        ])

    /// For a gateway that answers later.
    private static let gateway = """
        -- 1: a gateway outside was asked, and is asked to give it back.
        ALTER TABLE payment ADD COLUMN external INTEGER;

        -- What a gateway is still to be asked: a row before it is asked, none once its answer is durable. The causes are events.
        CREATE TABLE unsettled (
            order_id BLOB PRIMARY KEY,
            charge_cause BLOB,
            refund_cause BLOB,
            trace_id BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}

extension Snapshot {
    package func payment(_ orderID: OrderID) throws(StoreError) -> Payment? {
        try datedPayment(orderID)?.state
    }

    package func datedPayment(_ orderID: OrderID) throws(StoreError) -> Dated<Payment>? {
        try connection.first(
            """
            SELECT order_id, status, answer_id, payment_id, user_id, amount, failure, created_at, updated_at, external FROM payment
            WHERE order_id = ?
            """, .bits(orderID.bits)
        ) { try Dated(Payment($0), $0, times: 7) }
    }

    /// Those of the newest orders before `cursor`.
    package func payments(before cursor: OrderID?, limit: Int) throws(StoreError) -> [Dated<Payment>] {
        try connection.all(
            """
            SELECT order_id, status, answer_id, payment_id, user_id, amount, failure, created_at, updated_at, external FROM payment
            WHERE order_id < ? ORDER BY order_id DESC LIMIT ?
            """, .bits(cursor?.bits ?? .max), .integer(Int64(limit))
        ) { try Dated(Payment($0), $0, times: 7) }
    }
}

extension Transaction {
    func deletePayment(of order: OrderID) throws(StoreError) {
        try connection.post("DELETE FROM payment WHERE order_id = ?", .bits(order.bits))
    }

    package func save(_ payment: Payment) throws(StoreError) {
        let answer = payment.answer
        try connection.post(
            """
            INSERT INTO payment VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)
            ON CONFLICT (order_id) DO UPDATE
            SET status = ?2, answer_id = ?3, payment_id = ?4, user_id = ?5, amount = ?6, failure = ?7, updated_at = ?8
            """,
            .bits(payment.orderID.bits), .text(payment.status.rawValue), .bits(answer?.eventID.bits), .bits(answer?.claim.paymentID.bits),
            answer.map { .integer($0.claim.userID) } ?? .null, answer.map { .integer($0.claim.amount) } ?? .null,
            .text(answer?.failure?.rawValue),
            // A VOID is nothing but that.
            payment.status == .void ? .null : .time(now), answer?.claim.isExternal == true ? .integer(1) : .null)
    }
}

extension Payment {
    fileprivate init(_ row: Row) throws {
        let orderID: OrderID = try row.id(0)
        try self.init(
            orderID: orderID, status: row.value(1),
            answer: row.optional(2) { row, column in
                try Answer(
                    eventID: row.id(column),
                    claim: Charge(
                        orderID: orderID, paymentID: row.id(3), userID: row.natural(4), amount: row.positive(5),
                        isExternal: !row.isNull(9)),
                    failure: row.optional(6) { try $0.value($1) })
            })
    }
}
