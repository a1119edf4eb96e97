import Wire
package import Saga

/// Money an order asked for: the payload of the payment events.
package struct Charge: Equatable, Sendable {
    package var orderID: OrderID
    package var paymentID: PaymentID
    package var userID: Int64
    package var amount: Int64
    /// Whether a gateway outside is asked for it, and so for giving it back; never part of an event.
    package var isExternal: Bool

    package init(orderID: OrderID, paymentID: PaymentID, userID: Int64, amount: Int64, isExternal: Bool = false) {
        self.orderID = orderID
        self.paymentID = paymentID
        self.userID = userID
        self.amount = amount
        self.isExternal = isExternal
    }

    fileprivate var members: [SagaEvent.Member] {
        [.id("paymentId", paymentID), .number("userId", userID), .number("amount", amount)]
    }
}

/// Why there was no money. `orderCanceled` echoes a cancellation that was decided elsewhere, and decides nothing itself.
package enum PaymentFailure: String, CaseIterable, Sendable {
    case declined = "DECLINED"
    case orderCanceled = "ORDER_CANCELED"
}

/// What the payment service says.
extension SagaEvent {
    package static func paymentApproved(_ charge: Charge) -> SagaEvent {
        SagaEvent(.paymentApproved, of: charge.orderID, charge.members)
    }

    package static func paymentFailed(_ charge: Charge, reason: PaymentFailure) -> SagaEvent {
        SagaEvent(.paymentFailed, of: charge.orderID, charge.members + [.reason(reason)])
    }

    package static func paymentRefunded(_ charge: Charge) -> SagaEvent {
        SagaEvent(.paymentRefunded, of: charge.orderID, charge.members)
    }
}

/// What the payment service hears.
extension Payment {
    package enum Heard: HeardEvent, Equatable {
        case orderCreated(userID: Int64, amount: Int64), orderCanceled
        case inventoryFailed

        package init?(_ event: SagaEvent) {
            switch event.type {
            case .orderCreated: self = .orderCreated(userID: event.number("userId"), amount: event.number("amount"))
            case .orderCanceled: self = .orderCanceled
            case .inventoryFailed: self = .inventoryFailed
            default: return nil
            }
        }
    }
}
