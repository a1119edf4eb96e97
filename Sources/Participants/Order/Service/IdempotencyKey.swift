import Hummingbird
import HTTPTypes
import Posix
package import Saga
import HTTPServer
package import SagaStore
package import Store
package import Wire

/// A client's name for one request, so that sending it again does not order again (draft-ietf-httpapi-idempotency-key-header).
package struct IdempotencyKey: Hashable, Sendable {
    package let text: String

    private static let field = HTTPField.Name("Idempotency-Key")!

    /// - Throws: a 400 for anything but 1 to 255 visible ASCII characters.
    init?(_ headers: HTTPFields) throws {
        guard let text = headers.value(of: IdempotencyKey.field) else { return nil }
        try self.init(text)
    }

    package init(_ text: String) throws {
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ProblemError(.badRequest, "Idempotency-Key must be 1 to 255 visible ASCII characters")
        }
        self.text = text
    }

    /// What may stand for a request: its SHA-256 in hexadecimal digits, which is no JSON.
    fileprivate static func digest(of request: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(request)
        return Array(hash.digest().utf8)
    }
}

extension OrderReactions {
    /// Places an order, but for each key only one: the same request again finds the order it made.
    ///
    /// - Parameter terms: says what is ordered, under a new id; throws where no new order is taken.
    /// - Throws: a 422 when the key was used for another request.
    package func place(
        once key: IdempotencyKey?, request: [UInt8], trace: TraceContext? = nil, in transaction: Transaction,
        terms: (OrderID) throws -> OrderTerms
    ) throws -> (placed: Placed, isNew: Bool) {
        if let key, let known = try transaction.order(placedWith: key, request: request) {
            return (Placed(order: known, handled: Handled(Reaction<Order>.notApplicable)), false)
        }
        let terms = try terms(transaction.decide { $0.newID() })
        if let key { try transaction.remember(key, request: request, order: terms.orderID) }
        return (try place(terms, trace: trace, in: transaction), true)
    }
}

extension Transaction {
    /// The order an earlier request with this key made. The request's bytes are kept and compared whole.
    ///
    /// - Throws: a 422 when the key was used for another request.
    func order(placedWith key: IdempotencyKey, request: [UInt8]) throws -> Order? {
        let known: (OrderID, [UInt8], Timestamp)? = try connection.first(
            "SELECT order_id, request, created_at FROM idempotency_key WHERE idempotency_key = ?", .text(key.text)
        ) { try ($0.id(0), $0.bytes(1), $0.timestamp(2)) }
        guard let (orderID, first, createdAt) = known else { return nil }
        guard first == request || first == IdempotencyKey.digest(of: request) else {
            throw ProblemError(.unprocessableContent, "this Idempotency-Key was used for another request")
        }
        if let order = try order(orderID) { return order }
        // It was purged since. The request says what it was, and the key is as old as the order.
        let terms = try Request.parse(request, RequestedOrder.init).terms(id: orderID)
        return Order(
            terms: terms, status: .pending, inventory: .unknown, payment: .unknown, createdAt: createdAt, updatedAt: createdAt)
    }

    /// Has the requests of a user who is to be forgotten replaced by what they are known by when they are seen again, but which does not
    /// say whose they were.
    ///
    /// - Returns: the key to go on behind; nil at the end.
    package func digestRequests(of userID: Int64, after key: String, limit: Int) throws(StoreError) -> String? {
        let page = try connection.all(
            "SELECT idempotency_key, request FROM idempotency_key WHERE idempotency_key > ? ORDER BY idempotency_key LIMIT ?", .text(key),
            .integer(Int64(limit))
        ) { try ($0.text(0), $0.bytes(1)) }
        for (key, request) in page where (try? RequestedOrder(JSONObject(parsing: request)))?.userID == userID {
            try connection.post(
                "UPDATE idempotency_key SET request = ? WHERE idempotency_key = ?", .bytes(IdempotencyKey.digest(of: request)), .text(key))
        }
        return page.count == limit ? page.last?.0 : nil
    }

    func remember(_ key: IdempotencyKey, request: [UInt8], order: OrderID) throws(StoreError) {
        try connection.post(
            "INSERT INTO idempotency_key VALUES (?, ?, ?, ?)", .text(key.text), .bytes(request), .bits(order.bits), .time(now))
    }

    /// True when there may be more.
    package func deleteIdempotencyKeys(before cutoff: Timestamp, limit: Int) throws(StoreError) -> Bool {
        try connection.run(
            """
            DELETE FROM idempotency_key WHERE idempotency_key IN
            (SELECT idempotency_key FROM idempotency_key WHERE created_at < ? ORDER BY created_at LIMIT ?)
            """, .time(cutoff), .integer(Int64(limit))) == limit
    }
}
