import HTTPTypes
import Hummingbird
import NIOCore
import Saga
import HTTPServer
import OrderService
import Wire

extension FuzzTarget {
    /// `POST /orders`: the idempotency key on the first line, then the body. Refusals are 400 or 422, and what is taken is in range.
    static let order = FuzzTarget(
        "order",
        seeds: [
            "\n" + #"{"userId":1,"productId":1,"quantity":1,"amount":1000}"#,
            "key-1\n" + #"{ "amount" : 9007199254740991, "quantity":1,"productId":1,"userId":1}"#,
        ].map { Array($0.utf8) }, words: Sample.jsonWords + ["userId", "productId", "quantity", "amount", "\n"]
    ) { bytes in
        let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        let key = String(decoding: parts[0], as: UTF8.self)
        try refusing([.badRequest]) {
            let kept = try IdempotencyKey(key)
            try require(kept.text.utf8.elementsEqual(key.utf8) && !key.isEmpty && key.utf8.count <= 255, "\(kept) was taken")
        }
        try refusing([.badRequest, .unprocessableContent]) {
            let asked = try Request.parse(parts.count > 1 ? parts[1] : [], RequestedOrder.init)
            let terms = asked.terms(id: Sample.orderID)
            let range: ClosedRange<Int64> = 1...JSONObject.largestInteger
            try require(
                [terms.userID, terms.productID, terms.quantity, terms.amount].allSatisfy(range.contains), "\(terms) was taken")
        }
    }

    /// `?limit=`, `?cursor=` and `?wait=`: taken within their bounds, or 400.
    static let orderQuery = FuzzTarget(
        "order-query",
        seeds: [
            "limit=50&cursor=\(Sample.orderID)&wait=10s", "wait=0.5m&limit=500", "wait=1.000h", "limit=%35%30", "wait=2d&cursor=",
            "limit=&wait=9ms",
        ].map { Array($0.utf8) }, words: ["limit=", "cursor=", "wait=", "&", "ms", "s", "m", "h", "d", ".", "%2e", "=", "e9", "+", "0"]
    ) { bytes in
        // What is no path NIO refuses before this.
        let query = String(decoding: bytes.filter { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }, as: UTF8.self)
        let head = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/orders?\(query)")
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        try refusing([.badRequest]) {
            let limit = try request.pageLimit()
            try require((1...500).contains(limit), "limit \(limit)")
        }
        try refusing([.badRequest]) {
            if let cursor: OrderID = try request.pageCursor(exists: { _ in true }) {
                try require(OrderID(cursor.description) == cursor, "cursor \(cursor)")
            }
        }
        try refusing([.badRequest]) {
            guard let text = request.uri.queryParameters["wait"] else { return }
            let wait = try WaitTime(String(text)).duration
            try require(wait >= .zero && wait <= .seconds(60), "\(text) is \(wait)")
        }
    }

    private static func refusing(_ statuses: [HTTPResponse.Status], _ body: () throws -> Void) throws {
        do { try body() } catch let error as ProblemError {
            try require(statuses.contains(error.status), "refused with \(error.status)")
            try require((try? JSONValue(parsing: Array(error.body.readableBytesView))) != nil, "the problem is not JSON: \(error.detail)")
        }
    }
}
