import InventoryService
import OrderService
import PaymentService
import Saga
import Wire

/// What the daemons write of an order, a product, a reservation and a payment, in each of their states.
enum DaemonForms {
    private static let time = Timestamp(milliseconds: 1_780_000_000_125)
    private static let id = OrderID(bits: 0x019e_7000_0000_7000_8000_0000_0000_0001)
    private static let claim = StockClaim(orderID: id, productID: 2, quantity: 3)
    private static let charge = Charge(
        orderID: id, paymentID: PaymentID(bits: 0x019e_7000_0000_7000_8000_0000_0000_0004), userID: 5, amount: 6)

    static let orders: [[UInt8]] = ([.pending, .approved] + CancelReason.allCases.map { .canceled($0) }).map { status in
        Order(
            terms: OrderTerms(orderID: id, userID: 5, productID: 2, quantity: 3, amount: 6), status: status, inventory: .unknown,
            payment: .unknown, createdAt: time, updatedAt: time
        ).json
    }

    static let products = [Stock(productID: 2, available: 1, reserved: 2, sold: 3).json]

    static let reservations: [[UInt8]] = ReservationStatus.allCases.map { status in
        Reservation(
            orderID: id, status: status,
            answer: status == .void
                ? nil : .init(eventID: EventID(bits: 7), claim: claim, failure: status == .rejected ? .outOfStock : nil)
        ).json
    }

    static let payments: [[UInt8]] = PaymentStatus.allCases.map { status in
        Payment(
            orderID: id, status: status,
            answer: status == .void
                ? nil : .init(eventID: EventID(bits: 7), claim: charge, failure: status == .failed ? .declined : nil)
        ).json
    }
}
