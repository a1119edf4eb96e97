package import Saga
import SagaStore
package import Store
package import Wire

extension Schema {
    /// The tables of the order service. `status`: 0 PENDING, 1 APPROVED, 2 CANCELED.
    package static let order = Schema(
        """
        CREATE TABLE orders (
            order_id BLOB PRIMARY KEY,
            user_id INTEGER NOT NULL,
            product_id INTEGER NOT NULL,
            quantity INTEGER NOT NULL,
            amount INTEGER NOT NULL,
            status INTEGER NOT NULL,
            reason TEXT,
            inventory INTEGER NOT NULL,
            payment INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX orders_by_status ON orders (status, order_id);

        CREATE TABLE idempotency_key (
            idempotency_key TEXT PRIMARY KEY,
            request BLOB NOT NULL,
            order_id BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);
        """, later: [reading, tracing, webhook])

    /// What orders can be asked for by, each in the order of a page; the order id is the end of every index by itself.
    private static let reading = """
        ALTER TABLE orders ADD COLUMN detail TEXT;
        DROP INDEX orders_by_status;
        CREATE INDEX orders_by_status ON orders (status, created_at);
        CREATE INDEX orders_by_user ON orders (user_id, created_at);
        CREATE INDEX orders_by_product ON orders (product_id, created_at);
        CREATE INDEX orders_by_reason ON orders (reason, created_at) WHERE reason IS NOT NULL;
        CREATE INDEX orders_by_age ON orders (created_at);

        """

    /// NULL: the order's id.
    private static let tracing = "ALTER TABLE orders ADD COLUMN trace_id BLOB;"
}

extension OrderStatus {
    var code: Int64 {
        switch self {
        case .pending: 0
        case .approved: 1
        case .canceled: 2
        }
    }

    var reason: CancelReason? {
        if case .canceled(let reason) = self { reason } else { nil }
    }

    /// The durable total of the orders with this status.
    fileprivate var total: StaticString {
        switch self {
        case .pending: "orders.PENDING"
        case .approved: "orders.APPROVED"
        case .canceled: "orders.CANCELED"
        }
    }

    static func code(named name: String) -> Int64? {
        OrderStatus.names.firstIndex(of: name).map(Int64.init)
    }
}

extension Snapshot {
    package func order(_ id: OrderID) throws(StoreError) -> Order? {
        try connection.first(
            """
            SELECT order_id, user_id, product_id, quantity, amount, status, reason, inventory, payment, created_at, updated_at, detail, trace_id
            FROM orders WHERE order_id = ?
            """, .bits(id.bits), row: Order.init)
    }

    /// All orders that are not decided yet, oldest first.
    package func pendingOrders() throws(StoreError) -> [(id: OrderID, createdAt: Timestamp)] {
        try connection.all("SELECT order_id, created_at FROM orders WHERE status = 0 ORDER BY created_at, order_id") {
            try (id: $0.id(0), createdAt: $0.timestamp(1))
        }
    }
}

extension Transaction {
    package func insert(_ order: Order) throws(StoreError) {
        try connection.post(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", .bits(order.terms.orderID.bits),
            .integer(order.terms.userID),
            .integer(order.terms.productID), .integer(order.terms.quantity), .integer(order.terms.amount), .integer(order.status.code),
            .text(order.status.reason?.rawValue), .integer(order.inventory.rawValue), .integer(order.payment.rawValue),
            .time(order.createdAt), .time(order.updatedAt), .text(order.detail),
            order.trace == TraceContext(order: order.terms.orderID) ? .null : .trace(order.trace))
        add(1, to: order.status.total)
    }

    func delete(_ order: Order) throws(StoreError) {
        try connection.post("DELETE FROM orders WHERE order_id = ?", .bits(order.terms.orderID.bits))
        add(-1, to: order.status.total)
    }

    /// Saves what an event changed. The facts alone touch no index.
    package func update(_ order: Order, from before: Order) throws(StoreError) {
        if order.status == before.status {
            try connection.post(
                "UPDATE orders SET inventory = ?, payment = ? WHERE order_id = ?", .integer(order.inventory.rawValue),
                .integer(order.payment.rawValue), .bits(order.terms.orderID.bits))
        } else {
            try connection.post(
                "UPDATE orders SET status = ?, reason = ?, detail = ?, inventory = ?, payment = ?, updated_at = ? WHERE order_id = ?",
                .integer(order.status.code), .text(order.status.reason?.rawValue), .text(order.detail),
                .integer(order.inventory.rawValue),
                .integer(order.payment.rawValue), .time(order.updatedAt), .bits(order.terms.orderID.bits))
            add(-1, to: before.status.total)
            add(1, to: order.status.total)
        }
    }
}

extension Order {
    init(_ row: Row) throws {
        let status: OrderStatus
        switch try row.integer(5) {
        case 0: status = .pending
        case 1: status = .approved
        case 2: status = .canceled(try row.value(6))
        default: throw row.unexpected(5)
        }
        try self.init(
            terms: OrderTerms(
                orderID: row.id(0), userID: row.natural(1), productID: row.positive(2), quantity: row.positive(3), amount: row.positive(4)),
            status: status, detail: row.optional(11) { try $0.text($1) }, inventory: row.value(7), payment: row.value(8),
            createdAt: row.timestamp(9), updatedAt: row.timestamp(10), trace: row.optional(12) { try $0.trace($1) })
    }
}
