/// A payment of which the gateway says something else than payment does.
package struct GatewayDifference: Codable, Hashable, Sendable {
    package enum Answer: String, Codable, Sendable {
        case approved = "APPROVED"
        case declined = "DECLINED"
        case refunded = "REFUNDED"
        /// The gateway knows nothing of it.
        case unknown = "UNKNOWN"
    }

    package let orderId: String
    package let paymentId: String
    package let amount: Int64
    /// As `GET /payments` shows it.
    package let status: String
    package let gateway: Answer

    package init(orderId: String, paymentId: String, amount: Int64, status: String, gateway: Answer) {
        self.orderId = orderId
        self.paymentId = paymentId
        self.amount = amount
        self.status = status
        self.gateway = gateway
    }
}

/// What a part of the payments was compared with. `nextCursor` is absent on the last page.
package struct GatewayDifferencePage: Codable, Hashable, Sendable {
    package let differences: [GatewayDifference]
    package let nextCursor: String?

    package init(differences: [GatewayDifference], nextCursor: String? = nil) {
        self.differences = differences
        self.nextCursor = nextCursor
    }
}
