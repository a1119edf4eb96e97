/// Something that happened to an order, as its payload says it. The wire form is in `EventCoding.swift`.
package enum SagaEvent: Equatable, Sendable {
    case orderCreated(OrderTerms)
    case orderApproved(orderID: OrderID)
    case orderCanceled(orderID: OrderID, reason: CancelReason)
    case inventoryReserved(StockClaim)
    case inventoryFailed(StockClaim, reason: InventoryFailure)
    case inventoryReleased(StockClaim)
    case paymentApproved(Charge)
    case paymentFailed(Charge, reason: PaymentFailure)
    case paymentRefunded(Charge)

    package var type: EventType {
        switch self {
        case .orderCreated: .orderCreated
        case .orderApproved: .orderApproved
        case .orderCanceled: .orderCanceled
        case .inventoryReserved: .inventoryReserved
        case .inventoryFailed: .inventoryFailed
        case .inventoryReleased: .inventoryReleased
        case .paymentApproved: .paymentApproved
        case .paymentFailed: .paymentFailed
        case .paymentRefunded: .paymentRefunded
        }
    }

    /// The key: all events of one order are in one partition, in order.
    package var orderID: OrderID {
        switch self {
        case .orderCreated(let terms): terms.orderID
        case .orderApproved(let orderID), .orderCanceled(let orderID, _): orderID
        case .inventoryReserved(let claim), .inventoryFailed(let claim, _), .inventoryReleased(let claim): claim.orderID
        case .paymentApproved(let charge), .paymentFailed(let charge, _), .paymentRefunded(let charge): charge.orderID
        }
    }
}

/// The type names on the wire.
package enum EventType: String, CaseIterable, Sendable {
    case orderCreated = "ORDER_CREATED"
    case orderApproved = "ORDER_APPROVED"
    case orderCanceled = "ORDER_CANCELED"
    case inventoryReserved = "INVENTORY_RESERVED"
    case inventoryFailed = "INVENTORY_FAILED"
    case inventoryReleased = "INVENTORY_RELEASED"
    case paymentApproved = "PAYMENT_APPROVED"
    case paymentFailed = "PAYMENT_FAILED"
    case paymentRefunded = "PAYMENT_REFUNDED"

    package var topic: Topic {
        switch self {
        case .orderCreated, .orderApproved, .orderCanceled: .order
        case .inventoryReserved, .inventoryFailed, .inventoryReleased: .inventory
        case .paymentApproved, .paymentFailed, .paymentRefunded: .payment
        }
    }
}

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

/// Stock an order asked for: the payload of the inventory events.
package struct StockClaim: Equatable, Sendable {
    package var orderID: OrderID
    package var productID: Int64
    package var quantity: Int64

    package init(orderID: OrderID, productID: Int64, quantity: Int64) {
        self.orderID = orderID
        self.productID = productID
        self.quantity = quantity
    }
}

/// Money an order asked for: the payload of the payment events.
package struct Charge: Equatable, Sendable {
    package var orderID: OrderID
    package var paymentID: PaymentID
    package var userID: Int64
    package var amount: Int64

    package init(orderID: OrderID, paymentID: PaymentID, userID: Int64, amount: Int64) {
        self.orderID = orderID
        self.paymentID = paymentID
        self.userID = userID
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

/// Why there was no stock. `orderCanceled` echoes a cancellation that was decided elsewhere, and decides nothing itself.
package enum InventoryFailure: String, CaseIterable, Sendable {
    case outOfStock = "OUT_OF_STOCK"
    case unknownProduct = "UNKNOWN_PRODUCT"
    case orderCanceled = "ORDER_CANCELED"
}

/// Why there was no money. `orderCanceled` echoes a cancellation that was decided elsewhere, and decides nothing itself.
package enum PaymentFailure: String, CaseIterable, Sendable {
    case declined = "DECLINED"
    case orderCanceled = "ORDER_CANCELED"
}
