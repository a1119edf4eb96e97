/// The whole saga on one screen: one row for each participant — what it is called, what it says, what it hears and may say in turn.
///
/// There is no coordinator; this table is the agreement. Names, topics, subscriptions, settings, sockets, units, what is read and what
/// is published derive from it. The order of the rows is the order in which people are shown the participants everywhere.
package enum Choreography {
    package static let rows = [
        Row(
            .order, topic: "order-events", port: 8081,
            says: [
                Event(.orderCreated, .user, .number("productId"), .number("quantity"), .number("amount")),
                Event(.orderApproved),
                Event(.orderCanceled, .reason("PAYMENT_FAILED", "INVENTORY_FAILED", "DEADLINE_EXCEEDED", "CANCELED_BY_CLIENT")),
            ],
            // What a client or the deadline, not an event, makes it say.
            unasked: [.orderCreated, .orderCanceled],
            hears: [
                // The order is approved when both facts are known.
                on(.inventoryReserved, says: .orderApproved),
                on(.paymentApproved, says: .orderApproved),
                // One side failed.
                on(.inventoryFailed, says: .orderCanceled),
                on(.paymentFailed, says: .orderCanceled),
                // The compensation is done.
                on(.inventoryReleased),
                on(.paymentRefunded),
            ]),
        Row(
            .inventory, topic: "inventory-events", port: 8082,
            says: [
                Event(.inventoryReserved, .number("productId"), .number("quantity")),
                Event(
                    .inventoryFailed, .number("productId"), .number("quantity"),
                    .reason("OUT_OF_STOCK", "UNKNOWN_PRODUCT", "ORDER_CANCELED")),
                Event(.inventoryReleased, .number("productId"), .number("quantity")),
            ],
            hears: [
                // Stock and money are asked at the same time.
                on(.orderCreated, says: .inventoryReserved, .inventoryFailed),
                on(.orderApproved),
                // The other side failed, or the order was canceled, whichever is heard first.
                on(.paymentFailed, says: .inventoryReleased),
                on(.orderCanceled, says: .inventoryReleased),
            ]),
        Row(
            .payment, topic: "payment-events", port: 8083,
            says: [
                Event(.paymentApproved, .id("paymentId"), .user, .number("amount")),
                Event(
                    .paymentFailed, .id("paymentId"), .user, .number("amount"), .reason("DECLINED", "ORDER_CANCELED")),
                Event(.paymentRefunded, .id("paymentId"), .user, .number("amount")),
            ],
            hears: [
                on(.orderCreated, says: .paymentApproved, .paymentFailed),
                on(.inventoryFailed, says: .paymentRefunded),
                on(.orderCanceled, says: .paymentRefunded),
            ]),
    ]
}

extension ServiceName {
    package static let order = ServiceName(declared: "order")
    package static let inventory = ServiceName(declared: "inventory")
    package static let payment = ServiceName(declared: "payment")
}

extension Choreography {
    /// What is said of an order once its saga is over: that nothing of it is kept any more. No participant answers it; the shell around each
    /// has it delete what it holds. A version that does not know it passes it over.
    static let epilogue = Event(.orderPurged)
}

extension EventType {
    package static let orderPurged = EventType(declared: "ORDER_PURGED")
    package static let orderCreated = EventType(declared: "ORDER_CREATED")
    package static let orderApproved = EventType(declared: "ORDER_APPROVED")
    package static let orderCanceled = EventType(declared: "ORDER_CANCELED")
    package static let inventoryReserved = EventType(declared: "INVENTORY_RESERVED")
    package static let inventoryFailed = EventType(declared: "INVENTORY_FAILED")
    package static let inventoryReleased = EventType(declared: "INVENTORY_RELEASED")
    package static let paymentApproved = EventType(declared: "PAYMENT_APPROVED")
    package static let paymentFailed = EventType(declared: "PAYMENT_FAILED")
    package static let paymentRefunded = EventType(declared: "PAYMENT_REFUNDED")
}
