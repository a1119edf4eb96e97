import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import Wire

/// Good inputs that several targets begin with.
enum Sample {
    static let orderID = OrderID("0198a1f0-5c00-7abc-8def-0123456789ab")!
    static let eventID = EventID("0198a1f0-5c01-7000-8000-00000000000b")!
    static let claim = StockClaim(orderID: orderID, productID: 11, quantity: 3)
    static let charge = Charge(orderID: orderID, paymentID: PaymentID(bits: 12), userID: 7, amount: 1250)

    static let events: [SagaEvent] = [
        .orderCreated(OrderTerms(orderID: orderID, userID: 7, productID: 11, quantity: 3, amount: 1250)),
        .orderApproved(orderID: orderID), .orderCanceled(orderID: orderID, reason: .paymentFailed), .inventoryReserved(claim),
        .inventoryFailed(claim, reason: .outOfStock), .inventoryReleased(claim), .paymentApproved(charge),
        .paymentFailed(charge, reason: .declined), .paymentRefunded(charge),
    ]

    static let outbox: [OutboxEntry] = events.enumerated().map { index, event in
        OutboxEntry(
            seq: Int64(index) + 7, eventID: EventID(bits: UInt128(index) << 100 | 5), orderID: orderID, type: event.type,
            causation: index.isMultiple(of: 2) ? eventID : nil, trace: TraceContext(order: orderID),
            occurredAt: Timestamp(milliseconds: 1_780_000_000_000), body: event.encoded())
    }

    static let jsonWords = [
        "{", "}", "[", "]", "\"", ":", ",", "null", "true", "\\u0041", "\\ud83d\\ude00", "\\", "1e9", "-0", "1.5", "{\"a\":", "[[",
        "\"a\":1,",
    ]
    static let eventWords =
        EventType.allCases.map(\.rawValue) + [
            "orderId", "paymentId", "userId", "productId", "quantity", "amount", "reason", "type", "payload",
        ]
}
