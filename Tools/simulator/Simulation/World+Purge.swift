import OrderService
import Saga
import SagaStore
import Store
import Wire

/// Orders that are over go for good.
extension World {
    /// `sagactl orders purge` of all there are; those that are not at rest stay.
    func purge() throws {
        let node = desk.node
        let published = try network.published(by: node)
        let ids = try node.snapshot.orders(OrderFilter(), before: nil, limit: 1000).map(\.terms.orderID)
        let before = try Dictionary(uniqueKeysWithValues: ids.map { ($0, try node.snapshot.order($0)!) })
        let observe = { [self] (gone: [OrderID]) in
            for id in gone {
                happened(.purge, at: node)
                try history.purged(before[id]!, at: node)
            }
            try invariants.check(gone, at: node)
        }
        try node.commit(observe: observe) { transaction in
            if mutant == .purgesWhatIsNotAtRest {
                for order in before.values where order.status != .pending && !order.isAtRest {
                    var settled = order
                    (settled.inventory, settled.payment) = (.released, .refunded)
                    try transaction.update(settled, from: order)
                }
            }
            return try desk.reactions.purge(ids, published: published, in: transaction)
        }
    }

    /// Where what was lost came behind what it was to come before, an operator purges once more: `sagactl reconcile --repair`.
    func purgeLeftovers() throws {
        guard history.hasLostData, !history.isPurgedEverywhere else { return }
        let node = desk.node
        try node.commit(observe: { [history] in try history!.purgedAgain(at: node) }) { transaction in
            for id in history.purged.keys { _ = try desk.reactions.repeatPurge(of: id, in: transaction) }
        }
        after(.milliseconds(60_000)) { [self] in try purgeLeftovers() }
    }
}
