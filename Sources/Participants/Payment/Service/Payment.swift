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
            text.member("status", payment.status.shown)
            return
        }
        if let charge = payment.answer?.claim {
            text.member("paymentId", charge.paymentID)
            text.member("orderId", payment.orderID)
            if charge.userID != SagaEvent.forgottenUser { text.member("userId", charge.userID) }
            text.member("amount", charge.amount)
        }
        text.member("status", payment.status.shown)
        if payment.status == .failed, let reason = payment.answer?.failure { text.member("reason", reason.rawValue) }
    }
}

package enum PaymentStatus: String, CaseIterable, Sendable {
    /// A gateway is asked, and its answer is not known yet.
    case pending = "PENDING"
    /// Likewise, and the order was canceled meanwhile: given back if it turns out to be charged.
    case unwanted = "UNWANTED"
    case approved = "APPROVED"
    case failed = "FAILED"
    /// A gateway is asked to give it back, and has not confirmed that yet.
    case refunding = "REFUNDING"
    case refunded = "REFUNDED"
    case void = "VOID"

    /// What the world outside calls it.
    package var shown: String { self == .unwanted ? PaymentStatus.pending.rawValue : rawValue }

    /// Whether a gateway is still to be asked.
    package var isUnsettled: Bool { self == .pending || self == .unwanted || self == .refunding }
}

/// Who decides about a charge.
package enum ChargeDecision {
    /// This process, at once.
    case simulated(declines: (_ userID: Int64) -> Bool)
    /// A gateway outside; what it answers is settled later (`Payment.settle`).
    case external
}

extension Payment {
    /// What an event means to an order's payment; nil is an order of which nothing is known here.
    package static func react(
        _ payment: Payment?, to event: Heard, of orderID: OrderID, decision: ChargeDecision, _ context: inout DecisionContext
    ) -> Reaction<Payment> {
        switch event {
        case .orderCreated(let userID, let amount):
            // Asked once: the answer comes when the gateway gives it.
            if payment?.status == .pending || payment?.status == .unwanted { return .alreadyApplied() }
            let claim = { (context: inout DecisionContext) in
                Charge(orderID: orderID, paymentID: context.newID(), userID: userID, amount: amount)
            }
            switch decision {
            case .external where payment == nil: return ask(for: claim(&context), &context)
            // Of what is known, the answer is known: no gateway is needed.
            case .external: return request(payment, of: orderID, &context, claim: claim, decide: { nil })
            case .simulated(let declines):
                return request(payment, of: orderID, &context, claim: claim, decide: { declines(userID) ? .declined : nil })
            }
        case .inventoryFailed, .orderCanceled:
            return payment.map { $0.takeBack(&context) } ?? compensate(nil, of: orderID, &context)
        }
    }
}
