import Wire
package import Saga

/// What a client ordered: the payload of `ORDER_CREATED`. Numbers are from 1 to 2^53−1.
package struct OrderTerms: Equatable, Sendable {
    package var orderID: OrderID
    package var userID: Int64
    package var productID: Int64
    package var quantity: Int64
    /// In the currency's smallest unit.
    package var amount: Int64

    package init(orderID: OrderID, userID: Int64, productID: Int64, quantity: Int64, amount: Int64) {
        self.orderID = orderID
        self.userID = userID
        self.productID = productID
        self.quantity = quantity
        self.amount = amount
    }
}

/// Why an order was canceled; the first reason that was decided stays.
package enum CancelReason: String, CaseIterable, Sendable {
    case paymentFailed = "PAYMENT_FAILED"
    case inventoryFailed = "INVENTORY_FAILED"
    case deadlineExceeded = "DEADLINE_EXCEEDED"
    case canceledByClient = "CANCELED_BY_CLIENT"
}

/// What the order service says.
extension SagaEvent {
    package static func orderCreated(_ terms: OrderTerms) -> SagaEvent {
        SagaEvent(
            .orderCreated, of: terms.orderID, .number("userId", terms.userID), .number("productId", terms.productID),
            .number("quantity", terms.quantity), .number("amount", terms.amount))
    }

    package static func orderApproved(orderID: OrderID) -> SagaEvent {
        SagaEvent(.orderApproved, of: orderID)
    }

    package static func orderCanceled(orderID: OrderID, reason: CancelReason) -> SagaEvent {
        SagaEvent(.orderCanceled, of: orderID, .reason(reason))
    }

    package static func orderPurged(orderID: OrderID) -> SagaEvent {
        SagaEvent(.orderPurged, of: orderID)
    }
}

/// What the order service hears: the facts about stock and money.
extension Order {
    package enum Heard: HeardEvent, Equatable {
        /// Why they failed is nil where they only echo a cancellation that was decided elsewhere.
        case inventoryReserved, inventoryFailed(String?), inventoryReleased
        case paymentApproved, paymentFailed(String?), paymentRefunded

        package init?(_ event: SagaEvent) {
            switch event.type {
            case .inventoryReserved: self = .inventoryReserved
            case .inventoryFailed: self = .inventoryFailed(event.cause)
            case .inventoryReleased: self = .inventoryReleased
            case .paymentApproved: self = .paymentApproved
            case .paymentFailed: self = .paymentFailed(event.cause)
            case .paymentRefunded: self = .paymentRefunded
            default: return nil
            }
        }
    }
}

extension SagaEvent {
    fileprivate var cause: String? { reason == "ORDER_CANCELED" ? nil : reason }
}
