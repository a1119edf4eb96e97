import Saga
import SagaStore
package import Store
import Wire

extension Schema {
    /// The table of the shipping service. The answer columns are empty for VOID.
    package static let shipping = Schema(
        """
        CREATE TABLE shipment (
            order_id BLOB PRIMARY KEY,
            status TEXT NOT NULL,
            answer_id BLOB,
            shipment_id BLOB
        ) STRICT, WITHOUT ROWID;
        """)
}

extension Snapshot {
    func shipment(_ order: OrderID) throws(StoreError) -> Shipment? {
        try connection.first(
            "SELECT order_id, status, answer_id, shipment_id FROM shipment WHERE order_id = ?", .bits(order.bits), row: Shipment.init)
    }

    /// Those of the newest orders before `cursor`.
    func shipments(before cursor: OrderID?, limit: Int) throws(StoreError) -> [Shipment] {
        try connection.all(
            "SELECT order_id, status, answer_id, shipment_id FROM shipment WHERE order_id < ? ORDER BY order_id DESC LIMIT ?",
            .bits(cursor?.bits ?? .max), .integer(Int64(limit)), row: Shipment.init)
    }
}

extension Transaction {
    func save(_ shipment: Shipment) throws(StoreError) {
        try connection.post(
            "INSERT INTO shipment VALUES (?, ?, ?, ?)", .bits(shipment.orderID.bits), .text(shipment.status.rawValue),
            .bits(shipment.answer?.eventID.bits), .bits(shipment.answer?.shipmentID.bits))
    }
}

extension Shipment {
    fileprivate init(_ row: Row) throws {
        try self.init(
            orderID: row.id(0), status: row.value(1),
            answer: row.optional(2) { try Answer(eventID: $0.id($1), shipmentID: $0.id(3)) })
    }
}
