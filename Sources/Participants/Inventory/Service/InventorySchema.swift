package import Saga
package import SagaStore
package import Store
import Wire

extension Schema {
    /// The tables of the inventory service.
    package static let inventory = Schema(
        """
        CREATE TABLE stock (
            product_id INTEGER PRIMARY KEY,
            available INTEGER NOT NULL,
            reserved INTEGER NOT NULL,
            sold INTEGER NOT NULL
        ) STRICT;

        -- The answer columns are empty only for a VOID whose order has not come.
        CREATE TABLE reservation (
            order_id BLOB PRIMARY KEY,
            status TEXT NOT NULL,
            answer_id BLOB,
            product_id INTEGER,
            quantity INTEGER,
            failure TEXT
        ) STRICT, WITHOUT ROWID;
        """,
        later: [
            "ALTER TABLE reservation ADD COLUMN created_at INTEGER; ALTER TABLE reservation ADD COLUMN updated_at INTEGER;",
            // Sold to orders that were purged since; a product's stock goes on counting it.
            "CREATE TABLE purged_sale (product_id INTEGER PRIMARY KEY, quantity INTEGER NOT NULL) STRICT;",
        ])
}

extension Snapshot {
    package func stock(_ productID: Int64) throws(StoreError) -> Stock? {
        try connection.first(
            "SELECT product_id, available, reserved, sold FROM stock WHERE product_id = ?", .integer(productID), row: Stock.init)
    }

    /// All products, in order of their ids.
    package func allStock() throws(StoreError) -> [Stock] {
        try firstStock(.max)
    }

    /// Those with the lowest ids, in order of these.
    package func firstStock(_ limit: Int) throws(StoreError) -> [Stock] {
        try connection.all(
            "SELECT product_id, available, reserved, sold FROM stock ORDER BY product_id LIMIT ?", .integer(Int64(limit)), row: Stock.init)
    }

    /// How much of a product was sold to orders that were purged since.
    func purgedSales(of productID: Int64) throws(StoreError) -> Int64 {
        try connection.first("SELECT quantity FROM purged_sale WHERE product_id = ?", .integer(productID)) { try $0.natural(0) } ?? 0
    }

    /// All products, with how much of each was sold to orders that were purged since.
    func allStockWithPurged() throws(StoreError) -> [(stock: Stock, purged: Int64)] {
        try connection.all(
            """
            SELECT stock.product_id, available, reserved, sold, coalesce(quantity, 0)
            FROM stock LEFT JOIN purged_sale USING (product_id) ORDER BY stock.product_id
            """
        ) { try (Stock($0), $0.natural(4)) }
    }

    package func reservation(_ orderID: OrderID) throws(StoreError) -> Reservation? {
        try datedReservation(orderID)?.state
    }

    package func datedReservation(_ orderID: OrderID) throws(StoreError) -> Dated<Reservation>? {
        try connection.first(
            """
            SELECT order_id, status, answer_id, product_id, quantity, failure, created_at, updated_at FROM reservation
            WHERE order_id = ?
            """, .bits(orderID.bits)
        ) { try Dated(Reservation($0), $0, times: 6) }
    }

    /// Those of the newest orders before `cursor`.
    package func reservations(before cursor: OrderID?, limit: Int) throws(StoreError) -> [Dated<Reservation>] {
        try connection.all(
            """
            SELECT order_id, status, answer_id, product_id, quantity, failure, created_at, updated_at FROM reservation
            WHERE order_id < ? ORDER BY order_id DESC LIMIT ?
            """, .bits(cursor?.bits ?? .max), .integer(Int64(limit))
        ) { try Dated(Reservation($0), $0, times: 6) }
    }
}

extension Transaction {
    package func save(_ stock: Stock) throws(StoreError) {
        try connection.post(
            "INSERT INTO stock VALUES (?1, ?2, ?3, ?4) ON CONFLICT (product_id) DO UPDATE SET available = ?2, reserved = ?3, sold = ?4",
            .integer(stock.productID), .integer(stock.available), .integer(stock.reserved), .integer(stock.sold))
    }

    package func save(_ reservation: Reservation) throws(StoreError) {
        let answer = reservation.answer
        try connection.post(
            """
            INSERT INTO reservation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
            ON CONFLICT (order_id) DO UPDATE SET status = ?2, answer_id = ?3, product_id = ?4, quantity = ?5, failure = ?6, updated_at = ?7
            """,
            .bits(reservation.orderID.bits), .text(reservation.status.rawValue), .bits(answer?.eventID.bits),
            answer.map { .integer($0.claim.productID) } ?? .null, answer.map { .integer($0.claim.quantity) } ?? .null,
            .text(answer?.failure?.rawValue), .time(now))
    }

    /// What was sold stays sold.
    func delete(_ reservation: Reservation) throws(StoreError) {
        if reservation.status == .committed, let claim = reservation.answer?.claim {
            try connection.post(
                "INSERT INTO purged_sale VALUES (?1, ?2) ON CONFLICT (product_id) DO UPDATE SET quantity = purged_sale.quantity + ?2",
                .integer(claim.productID),
                .integer(claim.quantity))
        }
        try connection.post("DELETE FROM reservation WHERE order_id = ?", .bits(reservation.orderID.bits))
    }

    /// What an operator counted: sets what is available, leaves what is reserved and sold alone. Makes unknown products known.
    ///
    /// - Returns: the stock before, if there was any, and after; nil, and nothing done, when together they would be more than the
    ///   integers that JSON keeps exact.
    package func setAvailable(_ available: Int64, of productID: Int64) throws(StoreError) -> (before: Stock?, after: Stock)? {
        let before = try stock(productID)
        var stock = before ?? Stock(productID: productID, available: 0)
        guard available <= JSONObject.largestInteger - stock.reserved - stock.sold else { return nil }
        stock.available = available
        try save(stock)
        return (before, stock)
    }

    /// A delivery or a loss: so many more are available, or fewer where it is negative. In one transaction, so that what is ordered
    /// meanwhile is neither counted twice nor forgotten.
    package func adjustAvailable(by change: Int64, of productID: Int64) throws(StoreError) -> AdjustedStock {
        guard var stock = try stock(productID) else { return .unknownProduct }
        guard stock.available + change >= 0 else { return .tooFew(stock) }
        guard stock.available + change <= JSONObject.largestInteger - stock.reserved - stock.sold else { return .tooMany }
        stock.available += change
        try save(stock)
        return .adjusted(stock)
    }
}

/// What came of an operator's change to the stock; nothing was done unless it says `adjusted`.
package enum AdjustedStock: Sendable, Equatable {
    case unknownProduct
    case tooFew(Stock)
    case tooMany
    case adjusted(Stock)
}

extension Stock {
    fileprivate init(_ row: Row) throws {
        try self.init(productID: row.positive(0), available: row.natural(1), reserved: row.natural(2), sold: row.natural(3))
    }
}

extension Reservation {
    fileprivate init(_ row: Row) throws {
        let orderID: OrderID = try row.id(0)
        try self.init(
            orderID: orderID, status: row.value(1),
            answer: row.optional(2) { row, column in
                try Answer(
                    eventID: row.id(column), claim: StockClaim(orderID: orderID, productID: row.positive(3), quantity: row.positive(4)),
                    failure: row.optional(5) { try $0.value($1) })
            })
    }
}
