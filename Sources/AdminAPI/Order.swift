/// An order as `GET /orders/{orderId}` answers it. Times are RFC 3339 UTC with milliseconds; `reason` is there once it is CANCELED,
/// and `detail` where a participant gave one.
package struct Order: Codable, Hashable, Sendable {
    package enum Status: String, Codable, CaseIterable, Sendable {
        case pending = "PENDING"
        case approved = "APPROVED"
        case canceled = "CANCELED"

        /// APPROVED and CANCELED never change again.
        package var isFinal: Bool { self != .pending }
    }

    package let orderId: String
    /// nil: forgotten.
    package let userId: Int64?
    package let productId: Int64
    package let quantity: Int64
    package let amount: Int64
    package let status: Status
    package let reason: String?
    package let detail: String?
    package let createdAt: String
    package let updatedAt: String

    package init(
        orderId: String, userId: Int64?, productId: Int64, quantity: Int64, amount: Int64, status: Status, reason: String? = nil,
        detail: String? = nil, createdAt: String, updatedAt: String
    ) {
        self.orderId = orderId
        self.userId = userId
        self.productId = productId
        self.quantity = quantity
        self.amount = amount
        self.status = status
        self.reason = reason
        self.detail = detail
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// One page of orders, newest first. `nextCursor` is absent on the last page.
package struct OrderPage: Codable, Hashable, Sendable {
    package let orders: [Order]
    package let nextCursor: String?

    package init(orders: [Order], nextCursor: String? = nil) {
        self.orders = orders
        self.nextCursor = nextCursor
    }
}

/// The body of `POST /orders`.
package struct OrderRequest: Codable, Hashable, Sendable {
    package let userId: Int64
    package let productId: Int64
    package let quantity: Int64
    package let amount: Int64

    package init(userId: Int64, productId: Int64, quantity: Int64, amount: Int64) {
        self.userId = userId
        self.productId = productId
        self.quantity = quantity
        self.amount = amount
    }
}
