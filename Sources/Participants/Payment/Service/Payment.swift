package import Wire
package import Saga

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

    package static func write(_ payment: Payment, to text: inout JSONText) {
        if payment.status == .void {
            text.member("orderId", payment.orderID)
            text.member("status", payment.status.rawValue)
            return
        }
        if let charge = payment.answer?.claim {
            text.member("paymentId", charge.paymentID)
            text.member("orderId", payment.orderID)
            text.member("userId", charge.userID)
            text.member("amount", charge.amount)
        }
        text.member("status", payment.status.rawValue)
        if payment.status == .failed, let reason = payment.answer?.failure { text.member("reason", reason.rawValue) }
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
