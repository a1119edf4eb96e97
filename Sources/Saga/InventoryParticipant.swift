/// Stock held for one order, and the state machine that reserves, commits and gives it back.
///
/// The first answer to `ORDER_CREATED` stays: a repetition gets it again, never a compensation. A compensation that comes before
/// the order leaves a VOID mark, which the order then runs into.
package struct Reservation: Equatable, Sendable {
    package var orderID: OrderID
    package var status: ReservationStatus
    /// What was asked for and answered; nil only for a VOID whose order has not come yet.
    package var answer: Answer?

    package struct Answer: Equatable, Sendable {
        package var eventID: EventID
        package var claim: StockClaim
        /// nil: reserved.
        package var failure: InventoryFailure?

        package init(eventID: EventID, claim: StockClaim, failure: InventoryFailure?) {
            self.eventID = eventID
            self.claim = claim
            self.failure = failure
        }

        var emission: Emission {
            Emission(failure.map { .inventoryFailed(claim, reason: $0) } ?? .inventoryReserved(claim), id: eventID)
        }
    }

    package init(orderID: OrderID, status: ReservationStatus, answer: Answer?) {
        self.orderID = orderID
        self.status = status
        self.answer = answer
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
    package func react(to event: SagaEvent, _ context: inout DecisionContext) -> Reaction<InventoryState> {
        switch event {
        case .orderCreated(let terms): ask(for: terms, &context)
        case .paymentFailed, .orderCanceled: compensate(event.orderID, &context)
        case .orderApproved: commit()
        case .inventoryReserved, .inventoryFailed, .inventoryReleased, .paymentApproved, .paymentRefunded: .notApplicable
        }
    }

    private func ask(for terms: OrderTerms, _ context: inout DecisionContext) -> Reaction<InventoryState> {
        if let answer = reservation?.answer { return .alreadyApplied(answering: answer.emission) }

        let claim = StockClaim(orderID: terms.orderID, productID: terms.productID, quantity: terms.quantity)
        var next = self
        let failure: InventoryFailure?
        let status: ReservationStatus
        if reservation?.status == .void {
            (failure, status) = (.orderCanceled, .void)
        } else if let stock {
            (failure, status) = stock.covers(claim.quantity) ? (nil, .reserved) : (.outOfStock, .rejected)
        } else {
            (failure, status) = (.unknownProduct, .rejected)
        }
        if failure == nil {
            next.stock?.available -= claim.quantity
            next.stock?.reserved += claim.quantity
        }
        let answer = Reservation.Answer(eventID: context.newID(), claim: claim, failure: failure)
        next.reservation = Reservation(orderID: terms.orderID, status: status, answer: answer)
        let transition = status == .void ? nil : Transition(from: nil, to: status.rawValue)
        return .applied(next, transition, emitting: answer.emission)
    }

    private func compensate(_ orderID: OrderID, _ context: inout DecisionContext) -> Reaction<InventoryState> {
        guard let reservation else {
            let mark = Reservation(orderID: orderID, status: .void, answer: nil)
            return .applied(
                InventoryState(reservation: mark, stock: stock), Transition(from: nil, to: ReservationStatus.void.rawValue))
        }
        guard reservation.status == .reserved, let claim = reservation.answer?.claim else { return .notApplicable }
        var next = self
        next.reservation?.status = .released
        next.stock?.reserved -= claim.quantity
        next.stock?.available += claim.quantity
        return .applied(
            next, Transition(from: ReservationStatus.reserved.rawValue, to: ReservationStatus.released.rawValue),
            emitting: context.emission(.inventoryReleased(claim)))
    }

    private func commit() -> Reaction<InventoryState> {
        guard let reservation, reservation.status == .reserved, let claim = reservation.answer?.claim else { return .notApplicable }
        var next = self
        next.reservation?.status = .committed
        next.stock?.reserved -= claim.quantity
        next.stock?.sold += claim.quantity
        return .applied(next, Transition(from: ReservationStatus.reserved.rawValue, to: ReservationStatus.committed.rawValue))
    }
}
