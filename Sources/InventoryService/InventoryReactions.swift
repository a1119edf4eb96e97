package import Saga
package import SagaStore

/// The inventory service's part in the saga, over its tables.
package struct InventoryReactions: Participant {
    package static let service = ServiceName.inventory

    package init() {}

    package func react(to event: SagaEvent, in transaction: Transaction) throws -> Handled {
        let before = try load(for: event, in: transaction)
        let reaction = transaction.decide { before.react(to: event, &$0) }
        if let after = reaction.state {
            if let reservation = after.reservation, reservation != before.reservation { try transaction.save(reservation) }
            if let stock = after.stock, stock != before.stock { try transaction.save(stock) }
        }
        return Handled(reaction)
    }

    private func load(for event: SagaEvent, in transaction: Transaction) throws -> InventoryState {
        let reservation = try transaction.reservation(event.orderID)
        var productID = reservation?.answer?.claim.productID
        if productID == nil, case .orderCreated(let terms) = event { productID = terms.productID }
        return InventoryState(reservation: reservation, stock: try productID.flatMap { try transaction.stock($0) })
    }
}
