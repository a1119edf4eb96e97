import OrderService
import Saga
import SagaStore
import Store
import Wire

/// Of the orders that are gone for good.
extension History {
    func purged(_ order: Order, at node: Node) throws {
        let id = order.terms.orderID
        purged[id] = order
        purgedAt.insert(Place(service: node.service, order: id))
        try tellPurge(of: id, at: node)
    }

    /// - Parameter status: what was held of it; nil: nothing.
    func purged(_ order: OrderID, from status: String?, at service: ServiceName) throws {
        purgedAt.insert(Place(service: service, order: order))
        let isSold = status == "COMMITTED" || status == "APPROVED"
        let isOver = isSold || [nil, "RELEASED", "REJECTED", "REFUNDED", "FAILED", "VOID"].contains(status)
        guard isOver, isSold == (purged[order]?.status == .approved) else {
            throw Violation("\(service) purged order \(order) while it was \(status ?? "unknown") there")
        }
    }

    func purgedAgain(at node: Node) throws {
        for id in purged.keys { try tellPurge(of: id, at: node) }
    }

    private func tellPurge(of id: OrderID, at node: Node) throws {
        for event in try node.snapshot.outbox(of: id) where event.entry.type == .orderPurged {
            try tell(Emission(.orderPurged(orderID: id), id: event.entry.eventID), at: node)
        }
    }

    func isPurged(_ order: OrderID, at service: ServiceName) -> Bool {
        purgedAt.contains(Place(service: service, order: order))
    }

    var isPurgedEverywhere: Bool { purgedAt.count == purged.count * ServiceName.allCases.count }

    func checkPurgedAtRest() throws {
        guard isPurgedEverywhere else { throw Violation("some orders were purged at one service and not at another") }
    }
}
