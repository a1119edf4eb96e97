import InventoryService
import OrderService
import PaymentService
import Saga
import Transport
import SagaStore
import Store
import Wire

/// What always holds, and what holds when nothing is under way any more (CONTRACT: the end of its section on events).
final class Invariants {
    private unowned let world: World
    private var ends: [OrderID: OrderStatus] = [:]
    private var reservations: [OrderID: Reservation] = [:]
    private var payments: [OrderID: Payment] = [:]

    init(world: World) {
        self.world = world
    }

    // MARK: After every step

    /// - Parameter orders: those the step was about.
    func check(_ orders: [OrderID], at node: Node) throws {
        switch node.service {
        case .order: for id in orders { try checkOrder(id, node.snapshot) }
        case .inventory:
            for id in orders { try checkReservation(id, node.snapshot) }
            try checkStock(node.snapshot)
        default: for id in orders { try checkPayment(id, node.snapshot) }
        }
    }

    private func checkOrder(_ id: OrderID, _ snapshot: Snapshot) throws {
        guard let order = try snapshot.order(id) else { return }
        if world.history.isPurged(id, at: .order) { throw Violation("order \(id) was purged and is back") }
        if let end = ends[id], order.status != end { throw Violation("order \(id) ended as \(end) and became \(order.status)") }
        if order.status != .pending { ends[id] = order.status }
    }

    private func checkReservation(_ id: OrderID, _ snapshot: Snapshot) throws {
        let reservation = try snapshot.reservation(id)
        if world.history.isPurged(id, at: .inventory) {
            if reservation != nil { throw Violation("the reservation of order \(id) was purged and is back") }
            reservations[id] = nil
            return
        }
        if let former = reservations[id] {
            guard let reservation, former.answer == nil || reservation.answer == former.answer else {
                throw Violation("inventory's first answer to order \(id) changed")
            }
            guard reservation.status == former.status || former.status == .reserved else {
                throw Violation("the reservation of order \(id) went from \(former.status) to \(reservation.status)")
            }
        }
        reservations[id] = reservation
    }

    private func checkPayment(_ id: OrderID, _ snapshot: Snapshot) throws {
        let payment = try snapshot.payment(id)
        if world.history.isPurged(id, at: .payment) {
            if payment != nil { throw Violation("the payment of order \(id) was purged and is back") }
            payments[id] = nil
            return
        }
        if let former = payments[id] {
            guard let payment, former.answer == nil || former.isAnswered(by: payment) else {
                throw Violation("payment's first answer to order \(id) changed")
            }
            guard payment.status == former.status || former.status.mayBecome(payment.status) else {
                throw Violation("the payment of order \(id) went from \(former.status) to \(payment.status)")
            }
        }
        payments[id] = payment
    }

    private func checkStock(_ snapshot: Snapshot) throws {
        let stock = try snapshot.allStock()
        for (stock, total) in zip(stock, world.goods) {
            guard stock.available >= 0, stock.reserved >= 0, stock.sold >= 0, stock.available + stock.reserved + stock.sold == total else {
                throw Violation("the stock of product \(stock.productID) is not conserved: \(stock)")
            }
        }
    }

    // MARK: At rest

    func checkRest() throws {
        let orders = try world.desk.node.snapshot.orders(OrderFilter(), before: nil, limit: 1000)
        let lost = world.history.accepted.subtracting(orders.map(\.terms.orderID)).subtracting(world.history.purged.keys)
        guard lost.isEmpty else { throw Violation("orders were answered with 201 and are not there: \(lost)") }
        for order in orders { try checkRest(order) }
        try checkStockAtRest(orders)
        try checkTotals(orders)
        try world.history.checkRest()
        try world.history.checkPurgedAtRest()
        try world.gateway?.checkRest(world.node(.payment).snapshot)
        for node in world.nodes {
            let letters = try node.snapshot.deadLetters(limit: 1)
            guard letters.isEmpty, try node.snapshot.totals()["dead_letters", default: 0] == 0 else {
                throw Violation("\(node.service) still has dead letters")
            }
            guard node.outbox.backlog == 0 else { throw Violation("\(node.service) still has \(node.outbox.backlog) events to tell") }
        }
        try world.network.checkRest()
    }

    private func checkRest(_ order: Order) throws {
        let id = order.terms.orderID
        let reservation = try world.node(.inventory).snapshot.reservation(id)
        let payment = try world.node(.payment).snapshot.payment(id)
        guard order.status != .pending else { throw Violation("order \(id) never ended; it waits for \(order.waitingFor)") }
        guard order.waitingFor.isEmpty else { throw Violation("order \(id) still waits for \(order.waitingFor)") }
        switch (order.status, reservation?.status, payment?.status) {
        case (.approved, .committed, .approved): break
        case (.canceled(let reason), .released, .refunded), (.canceled(let reason), .released, .failed),
            (.canceled(let reason), .released, .void), (.canceled(let reason), .rejected, .refunded),
            (.canceled(let reason), .rejected, .failed), (.canceled(let reason), .rejected, .void),
            (.canceled(let reason), .void, .refunded), (.canceled(let reason), .void, .failed), (.canceled(let reason), .void, .void):
            guard world.history.isTrue(reason, of: id) else {
                throw Violation("order \(id) was canceled for \(reason), which was never so")
            }
        default:
            let ends = "\(reservation.map { "\($0.status)" } ?? "no reservation"), \(payment.map { "\($0.status)" } ?? "no payment")"
            throw Violation("order \(id) rests with \(order.status), \(ends)")
        }
    }

    private func checkStockAtRest(_ orders: [Order]) throws {
        let snapshot = world.node(.inventory).snapshot
        try checkStock(snapshot)
        for stock in try snapshot.allStock() {
            let sold = (orders + world.history.purged.values).filter { $0.status == .approved && $0.terms.productID == stock.productID }
                .reduce(0) {
                    $0 + $1.terms.quantity
                }
            guard stock.reserved == 0, stock.sold == sold else { throw Violation("\(sold) pieces were sold, but \(stock)") }
        }
    }

    /// The counts that `sagactl status` shows are those of the rows.
    private func checkTotals(_ orders: [Order]) throws {
        let totals = try world.desk.node.snapshot.totals()
        for name in OrderStatus.names {
            let count = orders.filter { $0.status.name == name }.count
            guard totals["orders.\(name)", default: 0] == count else { throw Violation("\(count) orders are \(name), but \(totals)") }
        }
    }
}

extension Payment {
    /// What a gateway has not answered yet it may decline; everything else stays as it was said, under the same ids.
    fileprivate func isAnswered(by payment: Payment) -> Bool {
        var answer = payment.answer
        if status == .pending || status == .unwanted { answer?.failure = self.answer?.failure }
        return answer == self.answer
    }
}

extension PaymentStatus {
    fileprivate func mayBecome(_ later: PaymentStatus) -> Bool {
        switch (self, later) {
        case (.pending, .approved), (.pending, .failed), (.pending, .unwanted), (.unwanted, .failed), (.unwanted, .refunding): true
        case (.approved, .refunded), (.approved, .refunding), (.refunding, .refunded): true
        default: false
        }
    }
}
