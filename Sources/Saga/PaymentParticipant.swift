import Wire

/// Money taken for one order.
package typealias Payment = Contribution<Money>

package enum Money: ContributionKind {
    package static let given = PaymentStatus.approved
    package static let refused = PaymentStatus.failed
    package static let takenBack = PaymentStatus.refunded
    package static let void = PaymentStatus.void
    package static let canceled = PaymentFailure.orderCanceled

    package static func answer(_ claim: Charge, failure: PaymentFailure?) -> SagaEvent {
        failure.map { .paymentFailed(claim, reason: $0) } ?? .paymentApproved(claim)
    }

    package static func compensation(of claim: Charge) -> SagaEvent { .paymentRefunded(claim) }
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
        _ payment: Payment?, to event: Heard, of orderID: OrderID, declines: (_ userID: Int64) -> Bool, _ context: inout DecisionContext
    ) -> Reaction<Payment> {
        switch event {
        case .orderCreated(let userID, let amount):
            request(
                payment, of: orderID, &context,
                claim: { Charge(orderID: orderID, paymentID: $0.newID(), userID: userID, amount: amount) },
                decide: { declines(userID) ? .declined : nil })
        case .inventoryFailed, .orderCanceled: compensate(payment, of: orderID, &context)
        }
    }
}
