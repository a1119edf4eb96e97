import SeededNumbers
import InventoryService
import OrderService
import PaymentService
import Saga
import Wire

/// The ids of one order's saga. Of version 7, as in the daemons: random ones would cost an index its locality.
struct RowOrder {
    let order: UInt128
    let created: UInt128
    let reserved: UInt128
    let payment: UInt128
    let paid: UInt128
    let approved: UInt128
    /// Microseconds since 1970.
    let time: Int64

    init(_ ids: inout IDGenerator, at now: Timestamp) {
        order = (ids.next(at: now) as OrderID).bits
        created = (ids.next(at: now) as EventID).bits
        reserved = (ids.next(at: now) as EventID).bits
        payment = (ids.next(at: now) as PaymentID).bits
        paid = (ids.next(at: now) as EventID).bits
        approved = (ids.next(at: now) as EventID).bits
        time = now.microseconds
    }

    /// Ids that need not be guarded against anybody: a system call for each would be counted with the rows. Always the same ones for
    /// the same times, so that three databases can be filled side by side.
    static func generator() -> IDGenerator {
        IDGenerator(random: SplitMix64(seed: 1))
    }
}

/// The bodies of the events of an order; the same bytes for every order, since the database does not look at them.
struct RowBodies {
    let created: [UInt8]
    let reserved: [UInt8]
    let paid: [UInt8]
    let approved: [UInt8]

    init() {
        let order = OrderID(bits: 0x0199_0000_0000_7000_8000_0000_0000_0001)
        let charge = Charge(orderID: order, paymentID: PaymentID(bits: order.bits + 1), userID: 1, amount: 1000)
        created = SagaEvent.orderCreated(OrderTerms(orderID: order, userID: 1, productID: 1, quantity: 1, amount: 1000)).encoded()
        reserved = SagaEvent.inventoryReserved(StockClaim(orderID: order, productID: 1, quantity: 1)).encoded()
        paid = SagaEvent.paymentApproved(charge).encoded()
        approved = SagaEvent.orderApproved(orderID: order).encoded()
    }
}
