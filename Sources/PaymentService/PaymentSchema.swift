package import Saga
package import SagaStore
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
        """)
}

extension Snapshot {
    package func payment(_ orderID: OrderID) throws(StoreError) -> Payment? {
        try connection.first(
            "SELECT order_id, status, answer_id, payment_id, user_id, amount, failure FROM payment WHERE order_id = ?", .id(orderID),
            row: Payment.init)
    }

    /// Those of the newest orders before `cursor`.
    package func payments(before cursor: OrderID?, limit: Int) throws(StoreError) -> [Payment] {
        try connection.all(
            """
            SELECT order_id, status, answer_id, payment_id, user_id, amount, failure FROM payment
            WHERE order_id < ? ORDER BY order_id DESC LIMIT ?
            """, .bits(cursor?.bits ?? .max), .integer(Int64(limit)), row: Payment.init)
    }
}

extension Transaction {
    package func save(_ payment: Payment) throws(StoreError) {
        let answer = payment.answer
        try connection.run(
            """
            INSERT INTO payment VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO UPDATE SET status = ?2, answer_id = ?3, payment_id = ?4, user_id = ?5, amount = ?6, failure = ?7
            """,
            .id(payment.orderID), .text(payment.status.rawValue), .id(answer?.eventID), .id(answer?.claim.paymentID),
            answer.map { .integer($0.claim.userID) } ?? .null, answer.map { .integer($0.claim.amount) } ?? .null,
            .text(answer?.failure?.rawValue))
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
                    claim: Charge(orderID: orderID, paymentID: row.id(3), userID: row.positive(4), amount: row.positive(5)),
                    failure: row.optional(6) { try $0.value($1) })
            })
    }
}
