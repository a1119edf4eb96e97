/// What inventory holds, held or refused for an order. VOID has neither product nor quantity: the order was canceled before it was heard of.
package struct Reservation: Codable, Hashable, Sendable {
    package enum Status: String, Codable, Sendable {
        case reserved = "RESERVED"
        case committed = "COMMITTED"
        case released = "RELEASED"
        case rejected = "REJECTED"
        case void = "VOID"
    }

    package let orderId: String
    package let productId: Int64?
    package let quantity: Int64?
    package let status: Status
    /// Absent where the daemon was of 0.1.0 when it was made, or changed.
    package let createdAt: String?
    package let updatedAt: String?

    package init(
        orderId: String, productId: Int64? = nil, quantity: Int64? = nil, status: Status, createdAt: String? = nil, updatedAt: String? = nil
    ) {
        self.orderId = orderId
        self.productId = productId
        self.quantity = quantity
        self.status = status
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// One page of reservations, newest order first; served on the admin socket only. `nextCursor` is absent on the last page.
package struct ReservationPage: Codable, Hashable, Sendable {
    package let reservations: [Reservation]
    package let nextCursor: String?

    package init(reservations: [Reservation], nextCursor: String? = nil) {
        self.reservations = reservations
        self.nextCursor = nextCursor
    }
}
