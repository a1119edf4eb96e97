package import Saga
package import SagaStore

/// The shipping service's part in the saga, over its table.
package struct ShippingReactions: Participant {
    package static let service = ServiceName.shipping

    package func react(to event: Shipment.Heard, of order: OrderID, in transaction: Transaction) throws -> Handled {
        let shipment = try transaction.shipment(order)
        let reaction = transaction.decide { Shipment.react(shipment, to: event, of: order, &$0) }
        if let shipment = reaction.state { try transaction.save(shipment) }
        return Handled(reaction)
    }
}
