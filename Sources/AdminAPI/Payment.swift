/// What payment charged, refused or gave back for an order. VOID has only `orderId` and `status`; `reason` comes only with FAILED.
package struct Payment: Codable, Hashable, Sendable {
    package enum Status: String, Codable, Sendable {
        case pending = "PENDING"
        case approved = "APPROVED"
        case failed = "FAILED"
        case refunding = "REFUNDING"
        case refunded = "REFUNDED"
        case void = "VOID"
    }

    package let paymentId: String?
    package let orderId: String
    package let userId: Int64?
    package let amount: Int64?
    package let status: Status
    package let reason: String?
    /// Absent where the daemon was of 0.1.0 when it was made, or changed.
    package let createdAt: String?
    package let updatedAt: String?

    package init(
        paymentId: String? = nil, orderId: String, userId: Int64? = nil, amount: Int64? = nil, status: Status, reason: String? = nil,
        createdAt: String? = nil, updatedAt: String? = nil
    ) {
        self.paymentId = paymentId
        self.orderId = orderId
        self.userId = userId
        self.amount = amount
        self.status = status
        self.reason = reason
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// One page of payments, newest order first. `nextCursor` is absent on the last page.
package struct PaymentPage: Codable, Hashable, Sendable {
    package let payments: [Payment]
    package let nextCursor: String?

    package init(payments: [Payment], nextCursor: String? = nil) {
        self.payments = payments
        self.nextCursor = nextCursor
    }
}
