package import struct Saga.ServiceName

/// One thing an admin socket can be asked: a method and a path template whose `{…}` are filled in by the caller.
///
/// The table below is the whole protocol between `sagactl` and the daemons. Both sides take method and path from here,
/// so that a route cannot be spelled in two ways.
package struct AdminRoute: Hashable, Sendable {
    package enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }

    package let method: Method
    package let template: String
    /// The services that answer it.
    package let services: [ServiceName]

    package init(_ method: Method, _ template: String, _ services: [ServiceName] = ServiceName.allCases) {
        self.method = method
        self.template = template
        self.services = services
    }
}

extension AdminRoute {
    package static let status = AdminRoute(.get, "/status")
    package static let metrics = AdminRoute(.get, "/metrics")
    package static let configuration = AdminRoute(.get, "/config")
    package static let configurationKeys = AdminRoute(.get, "/config/keys")
    package static let trace = AdminRoute(.get, "/trace/{orderId}")
    package static let setLogLevel = AdminRoute(.put, "/log-level")
    package static let republish = AdminRoute(.post, "/events/republish")
    package static let pause = AdminRoute(.post, "/pause")
    package static let backup = AdminRoute(.post, "/backup")
    package static let resume = AdminRoute(.post, "/resume")

    package static let deadLetters = AdminRoute(.get, "/dead-letters")
    package static let deadLetter = AdminRoute(.get, "/dead-letters/{id}")
    package static let retryDeadLetter = AdminRoute(.post, "/dead-letters/{id}/retry")
    package static let discardDeadLetter = AdminRoute(.delete, "/dead-letters/{id}")
    package static let retryDeadLetters = AdminRoute(.post, "/dead-letters/retry")
    package static let discardDeadLetters = AdminRoute(.post, "/dead-letters/discard")

    package static let repair = AdminRoute(.post, "/repair/{orderId}")
    package static let settleWithGateway = AdminRoute(.post, "/repair/gateway/{orderId}", [.payment])
    package static let gatewayDifferences = AdminRoute(.get, "/gateway/differences", [.payment])
    package static let repeatedCharges = AdminRoute(.get, "/repeated-charges", [.order])
    package static let recountStock = AdminRoute(.post, "/repair/stock/{productId}", [.inventory])

    package static let purged = AdminRoute(.get, "/purged/{orderId}")
    package static let purgeOrders = AdminRoute(.post, "/orders/purge", [.order])
    package static let forgetUser = AdminRoute(.post, "/users/forget", [.order, .payment])

    package static let orders = AdminRoute(.get, "/orders", [.order])
    package static let createOrder = AdminRoute(.post, "/orders", [.order])
    package static let order = AdminRoute(.get, "/orders/{orderId}", [.order])
    package static let cancelOrders = AdminRoute(.post, "/orders/cancel", [.order])
    package static let cancelOrder = AdminRoute(.post, "/orders/{orderId}/cancel", [.order])

    package static let retryWebhooks = AdminRoute(.post, "/webhooks/retry", [.order])
    package static let discardWebhooks = AdminRoute(.post, "/webhooks/discard", [.order])

    package static let products = AdminRoute(.get, "/inventory", [.inventory])
    package static let product = AdminRoute(.get, "/inventory/{productId}", [.inventory])
    package static let stock = AdminRoute(.get, "/stock", [.inventory])
    package static let setStock = AdminRoute(.put, "/stock/{productId}", [.inventory])
    package static let adjustStock = AdminRoute(.post, "/stock/{productId}/adjust", [.inventory])
    package static let reservations = AdminRoute(.get, "/reservations", [.inventory])
    package static let reservation = AdminRoute(.get, "/reservations/{orderId}", [.inventory])

    package static let payments = AdminRoute(.get, "/payments", [.payment])
    package static let payment = AdminRoute(.get, "/payments/{orderId}", [.payment])

    package static let all = [
        status, metrics, configuration, configurationKeys, trace, setLogLevel, republish, pause, resume, backup,
        deadLetters, deadLetter, retryDeadLetter, discardDeadLetter, retryDeadLetters, discardDeadLetters,
        repair, recountStock, settleWithGateway, gatewayDifferences, repeatedCharges, purged, purgeOrders, forgetUser,
        orders, createOrder, order, cancelOrder, cancelOrders,
        retryWebhooks, discardWebhooks,
        products, product, stock, setStock, adjustStock, reservations, reservation,
        payments, payment,
    ]
}

extension AdminRoute {
    /// The request target: the template's `{…}` replaced in order by the arguments, then the query; everything percent-encoded
    /// (RFC 3986, section 2.3), so that no argument can reach another route.
    package func target(_ arguments: [String] = [], query: [(name: String, value: String)] = []) -> String {
        var remaining = arguments[...]
        let segments = template.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? Self.percentEncoded(remaining.popFirst() ?? "") : String(segment)
        }
        let path = "/" + segments.joined(separator: "/")
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\($0.name)=\(Self.percentEncoded($0.value))" }.joined(separator: "&")
    }

    private static func percentEncoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
