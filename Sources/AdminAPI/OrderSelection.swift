/// Which orders a list is about: all, or those that are so in every respect named. Times are RFC 3339, of `createdAt`.
package struct OrderSelection: Hashable, Sendable {
    package var status: Order.Status?
    package var user: Int64?
    package var product: Int64?
    package var reason: String?
    package var since: String?
    package var until: String?

    package init(
        status: Order.Status? = nil, user: Int64? = nil, product: Int64? = nil, reason: String? = nil, since: String? = nil,
        until: String? = nil
    ) {
        self.status = status
        self.user = user
        self.product = product
        self.reason = reason
        self.since = since
        self.until = until
    }

    var query: [(name: String, value: String)] {
        [
            ("status", status?.rawValue), ("userId", user.map(String.init)), ("productId", product.map(String.init)), ("reason", reason),
            ("since", since), ("until", until),
        ].compactMap { name, value in value.map { (name, $0) } }
    }
}
