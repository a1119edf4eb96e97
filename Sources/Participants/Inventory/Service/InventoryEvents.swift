import Wire
package import Saga

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

    fileprivate var members: [SagaEvent.Member] { [.number("productId", productID), .number("quantity", quantity)] }
}

/// Why there was no stock. `orderCanceled` echoes a cancellation that was decided elsewhere, and decides nothing itself.
package enum InventoryFailure: String, CaseIterable, Sendable {
    case outOfStock = "OUT_OF_STOCK"
    case unknownProduct = "UNKNOWN_PRODUCT"
    case orderCanceled = "ORDER_CANCELED"
}

/// What the inventory service says.
extension SagaEvent {
    package static func inventoryReserved(_ claim: StockClaim) -> SagaEvent {
        SagaEvent(.inventoryReserved, of: claim.orderID, claim.members)
    }

    package static func inventoryFailed(_ claim: StockClaim, reason: InventoryFailure) -> SagaEvent {
        SagaEvent(.inventoryFailed, of: claim.orderID, claim.members + [.reason(reason)])
    }

    package static func inventoryReleased(_ claim: StockClaim) -> SagaEvent {
        SagaEvent(.inventoryReleased, of: claim.orderID, claim.members)
    }
}

/// What the inventory service hears.
extension InventoryState {
    package enum Heard: HeardEvent, Equatable {
        case orderCreated(StockClaim), orderApproved, orderCanceled
        case paymentFailed

        package init?(_ event: SagaEvent) {
            switch event.type {
            case .orderCreated:
                self = .orderCreated(
                    StockClaim(orderID: event.orderID, productID: event.number("productId"), quantity: event.number("quantity")))
            case .orderApproved: self = .orderApproved
            case .orderCanceled: self = .orderCanceled
            case .paymentFailed: self = .paymentFailed
            default: return nil
            }
        }
    }
}
