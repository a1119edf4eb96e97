/// The stock of one product: what can be ordered, what is held for orders under way, what is gone.
package struct Product: Codable, Hashable, Sendable {
    package let productId: Int64
    package let available: Int64
    package let reserved: Int64
    package let sold: Int64
    /// How much of that was sold to orders that were purged since; only where that was asked for.
    package let purged: Int64?

    package init(productId: Int64, available: Int64, reserved: Int64, sold: Int64, purged: Int64? = nil) {
        self.productId = productId
        self.available = available
        self.reserved = reserved
        self.sold = sold
        self.purged = purged
    }
}

/// The answer of `GET /inventory`, in order of productId.
package struct ProductList: Codable, Hashable, Sendable {
    package let products: [Product]

    package init(products: [Product]) { self.products = products }
}

/// The body of `PUT /stock/{productId}`: reserved and sold stay as they are.
package struct StockRequest: Codable, Hashable, Sendable {
    package let available: Int64

    package init(available: Int64) { self.available = available }
}

/// The body of `POST /stock/{productId}/adjust`: so many more are available, or fewer where it is negative.
package struct StockAdjustment: Codable, Hashable, Sendable {
    package let by: Int64

    package init(by change: Int64) { by = change }
}
