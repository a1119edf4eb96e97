import Saga

/// The statements a daemon runs for its part of an order that is approved, as its stores have them.
struct RowStatements {
    let selectInbox: RowStatement
    let insertInbox: RowStatement
    let insertOutbox: RowStatement
    let addToTotal: RowStatement
    let savePosition: RowStatement
    let saveFollower: RowStatement

    init(_ database: RowDatabase) throws {
        selectInbox = try database.prepare("SELECT 1 FROM inbox WHERE event_id = ?")
        insertInbox = try database.prepare(
            """
            INSERT INTO inbox (event_id, order_id, type, causation_id, received_at, outcome, from_status, to_status)
            VALUES (?, ?, ?, ?, ?, 'applied', ?, ?)
            """)
        insertOutbox = try database.prepare(
            """
            INSERT INTO outbox (event_id, order_id, type, causation_id, trace_id, occurred_at, body, from_status, to_status, repeated)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
            """)
        addToTotal = try database.prepare("INSERT INTO total VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + ?2")
        savePosition = try database.prepare(
            // Any id will do for the event's.
            "INSERT INTO position VALUES (?1, ?2, ?3, ?2) ON CONFLICT DO UPDATE SET log_id = ?2, seq = ?3, event_id = ?2")
        saveFollower = try database.prepare(
            "INSERT INTO follower VALUES (?1, ?2) ON CONFLICT DO UPDATE SET seq = ?2 WHERE seq < ?2")
    }

    /// - Parameter to: the status that came of it; nil where only a fact became known.
    func receive(
        _ event: UInt128, of order: UInt128, _ type: StaticString, causedBy cause: UInt128?, at time: Int64, from: StaticString? = nil,
        to: StaticString? = nil
    ) throws {
        try selectInbox.bind(1, event).run()
        try insertInbox.bind(1, event).bind(2, order).bind(3, type).bind(4, cause).bind(5, time).bind(6, from).bind(7, to).run()
    }

    /// - Parameter status: what a client changed by it, where no received event records that.
    func tell(
        _ event: UInt128, of order: UInt128, _ type: StaticString, causedBy cause: UInt128?, at time: Int64, _ body: [UInt8],
        status: StaticString? = nil
    ) throws {
        try insertOutbox.bind(1, event).bind(2, order).bind(3, type).bind(4, cause).bind(5, order).bind(6, time).bind(7, body)
            .bind(9, status).run()
    }
}

struct OrderStatements {
    let insert: RowStatement
    let select: RowStatement
    let updateFacts: RowStatement
    let updateStatus: RowStatement

    init(_ database: RowDatabase) throws {
        insert = try database.prepare(
            """
            INSERT INTO orders (order_id, user_id, product_id, quantity, amount, status, inventory, payment, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        select = try database.prepare(
            """
            SELECT order_id, user_id, product_id, quantity, amount, status, reason, inventory, payment, created_at, updated_at, detail, trace_id
            FROM orders WHERE order_id = ?
            """)
        updateFacts = try database.prepare("UPDATE orders SET inventory = ?, payment = ? WHERE order_id = ?")
        updateStatus = try database.prepare(
            "UPDATE orders SET status = ?, reason = NULL, detail = NULL, inventory = ?, payment = ?, updated_at = ? WHERE order_id = ?")
    }

    func insert(_ order: UInt128, status: Int64, fact: Int64, at time: Int64) throws {
        try insert.bind(1, order).bind(2, Int64(1)).bind(3, Int64(1)).bind(4, Int64(1)).bind(5, Int64(1000)).bind(6, status)
            .bind(7, fact).bind(8, fact).bind(9, time).bind(10, time).run()
    }
}

struct InventoryStatements {
    let selectReservation: RowStatement
    let selectStock: RowStatement
    let saveReservation: RowStatement
    let saveStock: RowStatement

    init(_ database: RowDatabase) throws {
        selectReservation = try database.prepare(
            """
            SELECT order_id, status, answer_id, product_id, quantity, failure, created_at, updated_at FROM reservation
            WHERE order_id = ?
            """)
        selectStock = try database.prepare("SELECT product_id, available, reserved, sold FROM stock WHERE product_id = ?")
        saveReservation = try database.prepare(
            """
            INSERT INTO reservation (order_id, status, answer_id, product_id, quantity, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
            ON CONFLICT DO UPDATE SET status = ?2, answer_id = ?3, product_id = ?4, quantity = ?5, failure = NULL, updated_at = ?6
            """)
        saveStock = try database.prepare(
            "INSERT INTO stock VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET available = ?2, reserved = ?3, sold = ?4")
    }

    func save(_ order: UInt128, _ status: StaticString, answer: UInt128, at time: Int64) throws {
        try saveReservation.bind(1, order).bind(2, status).bind(3, answer).bind(4, Int64(1)).bind(5, Int64(1)).bind(6, time).run()
    }

    func saveStock(available: Int64, reserved: Int64, sold: Int64) throws {
        try saveStock.bind(1, Int64(1)).bind(2, available).bind(3, reserved).bind(4, sold).run()
    }
}

struct PaymentStatements {
    let select: RowStatement
    let save: RowStatement

    init(_ database: RowDatabase) throws {
        select = try database.prepare(
            """
            SELECT order_id, status, answer_id, payment_id, user_id, amount, failure, created_at, updated_at FROM payment
            WHERE order_id = ?
            """)
        save = try database.prepare(
            """
            INSERT INTO payment (order_id, status, answer_id, payment_id, user_id, amount, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
            ON CONFLICT DO UPDATE
            SET status = ?2, answer_id = ?3, payment_id = ?4, user_id = ?5, amount = ?6, failure = NULL, updated_at = ?7
            """)
    }

    func save(_ order: UInt128, _ status: StaticString, answer: UInt128, payment: UInt128, at time: Int64) throws {
        try save.bind(1, order).bind(2, status).bind(3, answer).bind(4, payment).bind(5, Int64(1)).bind(6, Int64(1000)).bind(7, time)
            .run()
    }
}
