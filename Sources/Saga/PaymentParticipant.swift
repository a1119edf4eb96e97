/// Money taken for one order, and the state machine that charges and refunds it.
///
/// The first answer to `ORDER_CREATED` stays: a repetition gets it again, never a compensation. A compensation that comes before
/// the order leaves a VOID mark, which the order then runs into.
package struct Payment: Equatable, Sendable {
    package var orderID: OrderID
    package var status: PaymentStatus
    /// What was asked for and answered; nil only for a VOID whose order has not come yet.
    package var answer: Answer?

    package struct Answer: Equatable, Sendable {
        package var eventID: EventID
        package var charge: Charge
        /// nil: charged.
        package var failure: PaymentFailure?

        package init(eventID: EventID, charge: Charge, failure: PaymentFailure?) {
            self.eventID = eventID
            self.charge = charge
            self.failure = failure
        }

        var emission: Emission {
            Emission(failure.map { .paymentFailed(charge, reason: $0) } ?? .paymentApproved(charge), id: eventID)
        }
    }

    package init(orderID: OrderID, status: PaymentStatus, answer: Answer?) {
        self.orderID = orderID
        self.status = status
        self.answer = answer
    }
}

package enum PaymentStatus: String, CaseIterable, Sendable {
    case approved = "APPROVED"
    case failed = "FAILED"
    case refunded = "REFUNDED"
    case void = "VOID"
}

extension Payment {
    /// What an event means to an order's payment; nil is an order of which nothing is known here.
    ///
    /// - Parameter declines: the gateway's answer for a user.
    package static func react(
        _ payment: Payment?, to event: SagaEvent, declines: (_ userID: Int64) -> Bool, _ context: inout DecisionContext
    ) -> Reaction<Payment> {
        switch event {
        case .orderCreated(let terms): ask(payment, for: terms, declines: declines, &context)
        case .inventoryFailed, .orderCanceled: compensate(payment, event.orderID, &context)
        case .orderApproved, .inventoryReserved, .inventoryReleased, .paymentApproved, .paymentFailed, .paymentRefunded: .notApplicable
        }
    }

    private static func ask(
        _ payment: Payment?, for terms: OrderTerms, declines: (Int64) -> Bool, _ context: inout DecisionContext
    ) -> Reaction<Payment> {
        if let answer = payment?.answer { return .alreadyApplied(answering: answer.emission) }

        let failure: PaymentFailure?
        let status: PaymentStatus
        if payment?.status == .void {
            (failure, status) = (.orderCanceled, .void)
        } else {
            (failure, status) = declines(terms.userID) ? (.declined, .failed) : (nil, .approved)
        }
        let charge = Charge(orderID: terms.orderID, paymentID: context.newID(), userID: terms.userID, amount: terms.amount)
        let answer = Answer(eventID: context.newID(), charge: charge, failure: failure)
        let transition = status == .void ? nil : Transition(from: nil, to: status.rawValue)
        return .applied(Payment(orderID: terms.orderID, status: status, answer: answer), transition, emitting: answer.emission)
    }

    private static func compensate(
        _ payment: Payment?, _ orderID: OrderID, _ context: inout DecisionContext
    ) -> Reaction<Payment> {
        guard var payment else {
            return .applied(
                Payment(orderID: orderID, status: .void, answer: nil), Transition(from: nil, to: PaymentStatus.void.rawValue))
        }
        guard payment.status == .approved, let charge = payment.answer?.charge else { return .notApplicable }
        payment.status = .refunded
        return .applied(
            payment, Transition(from: PaymentStatus.approved.rawValue, to: PaymentStatus.refunded.rawValue),
            emitting: context.emission(.paymentRefunded(charge)))
    }
}
