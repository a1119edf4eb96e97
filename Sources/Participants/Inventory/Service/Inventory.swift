package import Wire
package import Saga

/// Stock held for one order.
package typealias Reservation = Contribution<Goods>

package enum Goods: ContributionKind {
    package static let given = ReservationStatus.reserved
    package static let refused = ReservationStatus.rejected
    package static let takenBack = ReservationStatus.released
    package static let void = ReservationStatus.void
    package static let canceled = InventoryFailure.orderCanceled

    package static func answer(_ claim: StockClaim, failure: InventoryFailure?) -> SagaEvent {
        failure.map { .inventoryFailed(claim, reason: $0) } ?? .inventoryReserved(claim)
    }

    package static func compensation(of claim: StockClaim) -> SagaEvent { .inventoryReleased(claim) }

    package static func write(_ reservation: Reservation, to text: inout JSONText) {
        text.member("orderId", reservation.orderID)
        if reservation.status != .void, let claim = reservation.answer?.claim {
            text.member("productId", claim.productID)
            text.member("quantity", claim.quantity)
        }
        text.member("status", reservation.status.rawValue)
    }
}

package enum ReservationStatus: String, CaseIterable, Sendable {
    case reserved = "RESERVED"
    case committed = "COMMITTED"
    case released = "RELEASED"
    case rejected = "REJECTED"
    case void = "VOID"
}

/// One product's stock. available + reserved + sold changes only when an operator sets what is available.
package struct Stock: Equatable, Sendable {
    package var productID: Int64
    package var available: Int64
    package var reserved: Int64
    package var sold: Int64

    package init(productID: Int64, available: Int64, reserved: Int64 = 0, sold: Int64 = 0) {
        self.productID = productID
        self.available = available
        self.reserved = reserved
        self.sold = sold
    }

    /// Also refuses what would carry the counters past the integers that JSON keeps exact.
    fileprivate func covers(_ quantity: Int64) -> Bool {
        quantity <= available && quantity <= JSONObject.largestInteger - reserved - sold
    }
}

/// What one order's event touches at inventory. `stock` is that of the product concerned, nil where it is not known.
package struct InventoryState: Equatable, Sendable {
    package var reservation: Reservation?
    package var stock: Stock?

    package init(reservation: Reservation?, stock: Stock?) {
        self.reservation = reservation
        self.stock = stock
    }
}

extension InventoryState {
    package func react(to event: Heard, of orderID: OrderID, _ context: inout DecisionContext) -> Reaction<InventoryState> {
        switch event {
        case .orderCreated(let claim):
            Reservation.request(reservation, of: orderID, &context, claim: { _ in claim }, decide: { refusal(of: claim) })
                .map { reservation in
                    let quantity = reservation.status == .reserved ? claim.quantity : 0
                    return moved(reservation, quantity, from: \.available, to: \.reserved)
                }
        case .paymentFailed, .orderCanceled:
            Reservation.compensate(reservation, of: orderID, &context)
                .map { reservation in
                    moved(reservation, reservation.answer?.claim.quantity ?? 0, from: \.reserved, to: \.available)
                }
        case .orderApproved: commit()
        }
    }

    private func refusal(of claim: StockClaim) -> InventoryFailure? {
        guard let stock else { return .unknownProduct }
        return stock.covers(claim.quantity) ? nil : .outOfStock
    }

    private func commit() -> Reaction<InventoryState> {
        guard var reservation, reservation.status == .reserved, let claim = reservation.answer?.claim else { return .notApplicable }
        reservation.status = .committed
        return .applied(
            moved(reservation, claim.quantity, from: \.reserved, to: \.sold),
            Transition(from: ReservationStatus.reserved.rawValue, to: ReservationStatus.committed.rawValue))
    }

    /// The state with this reservation, and that many pieces counted elsewhere.
    private func moved(
        _ reservation: Reservation, _ quantity: Int64, from source: WritableKeyPath<Stock, Int64>, to target: WritableKeyPath<Stock, Int64>
    ) -> InventoryState {
        var next = InventoryState(reservation: reservation, stock: stock)
        next.stock?[keyPath: source] -= quantity
        next.stock?[keyPath: target] += quantity
        return next
    }
}
