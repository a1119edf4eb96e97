/// The body of `POST /repair/{orderId}` at a participant: how the order ended, and, where it was approved, what belongs to it.
package struct RepairRequest: Codable, Hashable, Sendable {
    package enum Outcome: String, Codable, Sendable {
        case approved = "APPROVED"
        case canceled = "CANCELED"
    }

    package let outcome: Outcome
    package var productId: Int64?
    package var quantity: Int64?
    package var userId: Int64?
    package var amount: Int64?

    package init(
        _ outcome: Outcome, productId: Int64? = nil, quantity: Int64? = nil, userId: Int64? = nil, amount: Int64? = nil
    ) {
        self.outcome = outcome
        self.productId = productId
        self.quantity = quantity
        self.userId = userId
        self.amount = amount
    }
}

/// The answer of all repairs: whether anything was off.
package struct RepairResult: Codable, Hashable, Sendable {
    package let changed: Bool

    package init(changed: Bool) { self.changed = changed }
}
