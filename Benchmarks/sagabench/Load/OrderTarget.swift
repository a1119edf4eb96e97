import ArgumentParser
import NIOCore
import Wire

/// Where orders go.
struct OrderTarget: Sendable {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `http://host:port`; https and paths are not for a benchmark on loopback.
    init?(url: String) {
        guard url.hasPrefix("http://") else { return nil }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
        let parts = authority.split(separator: ":")
        guard let host = parts.first, parts.count <= 2, let port = parts.count == 2 ? Int(parts[1]) : 80 else { return nil }
        self.init(host: String(host), port: port)
    }
}

/// What is ordered: the same by every order, so that the sums at the end are known.
struct OrderedThing: Sendable, ParsableArguments {
    @Option(help: "Who orders.")
    var user: Int64 = 1
    @Option(help: "Which product.")
    var product: Int64 = 1
    @Option(help: "How many of it.")
    var quantity: Int64 = 1
    @Option(help: "For how much.")
    var amount: Int64 = 1000
}

/// The requests, ready to be sent.
struct OrderRequests: Sendable {
    let post: ByteBuffer
    private let host: String

    init(_ thing: OrderedThing, to target: OrderTarget) {
        host = "\(target.host):\(target.port)"
        let body = #"{"userId":\#(thing.user),"productId":\#(thing.product),"quantity":\#(thing.quantity),"amount":\#(thing.amount)}"#
        post = ByteBuffer(
            string:
                "POST /orders HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
    }

    /// Answered as soon as the order is final.
    func watch(_ orderID: String) -> ByteBuffer {
        ByteBuffer(string: "GET /orders/\(orderID)?wait=30s HTTP/1.1\r\nHost: \(host)\r\n\r\n")
    }
}
