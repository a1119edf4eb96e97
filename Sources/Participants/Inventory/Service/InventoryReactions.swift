package import Saga
package import SagaStore
import Wire

/// The inventory service's part in the saga, over its tables.
package struct InventoryReactions: Participant {
    package static let service = ServiceName.inventory

    package init() {}

    package func react(to event: InventoryState.Heard, of order: OrderID, in transaction: Transaction) throws -> Handled {
        let before = try load(order, for: event, in: transaction)
        let reaction = transaction.decide { before.react(to: event, of: order, &$0) }
        if let after = reaction.state {
            if let reservation = after.reservation, reservation != before.reservation { try transaction.save(reservation) }
            if let stock = after.stock, stock != before.stock { try transaction.save(stock) }
        }
        return Handled(reaction)
    }

    package func purge(_ order: OrderID, in transaction: Transaction) throws -> PurgedHolding {
        guard let reservation = try transaction.reservation(order) else { return .deleted(nil) }
        guard reservation.status != .reserved else { return .unsettled(reservation.status.rawValue) }
        try transaction.delete(reservation)
        return .deleted(reservation.status.rawValue)
    }

    private func load(_ order: OrderID, for event: InventoryState.Heard, in transaction: Transaction) throws -> InventoryState {
        let reservation = try transaction.reservation(order)
        var productID = reservation?.answer?.claim.productID
        if productID == nil, case .orderCreated(let claim) = event { productID = claim.productID }
        return InventoryState(reservation: reservation, stock: try productID.flatMap { try transaction.stock($0) })
    }
}
