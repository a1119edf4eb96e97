/// The wire form of an event's body: exactly `{"type":"…","payload":{…}}`, the payload with exactly its members.
extension SagaEvent {
    /// The longest body that is read; a longer one is a dead letter.
    package static let largestBody = 64 * 1024

    package func encoded() -> [UInt8] {
        var text = JSONText()
        text.object {
            $0.member("type", type.rawValue)
            $0.object("payload", encodePayload)
        }
        return text.bytes
    }

    private func encodePayload(_ text: inout JSONText) {
        text.member("orderId", orderID)
        switch self {
        case .orderCreated(let terms):
            text.member("userId", terms.userID)
            text.member("productId", terms.productID)
            text.member("quantity", terms.quantity)
            text.member("amount", terms.amount)
        case .orderApproved: break
        case .orderCanceled(_, let reason): text.member("reason", reason.rawValue)
        case .inventoryReserved(let claim), .inventoryReleased(let claim): claim.encode(to: &text)
        case .inventoryFailed(let claim, let reason):
            claim.encode(to: &text)
            text.member("reason", reason.rawValue)
        case .paymentApproved(let charge), .paymentRefunded(let charge): charge.encode(to: &text)
        case .paymentFailed(let charge, let reason):
            charge.encode(to: &text)
            text.member("reason", reason.rawValue)
        }
    }
}

/// What a record's body turned out to be.
package enum DecodedBody: Equatable, Sendable {
    case event(SagaEvent)
    /// A type from a newer version: passed over and counted, never a dead letter.
    case unknownType(String)
}

extension DecodedBody {
    package init(decoding body: some Collection<UInt8>) throws(JSONError) {
        guard body.count <= SagaEvent.largestBody else { throw JSONError("the body has more than 64 KiB") }
        try self.init(JSONObject(parsing: body))
    }

    package init(_ object: JSONObject) throws(JSONError) {
        let name = try object.string("type")
        guard let type = EventType(rawValue: name) else {
            self = .unknownType(name)
            return
        }
        let payload = try object.object("payload")
        try object.requireOnly("type", "payload")
        self = .event(try SagaEvent(type: type, payload: payload))
    }
}

extension SagaEvent {
    fileprivate init(type: EventType, payload: JSONObject) throws(JSONError) {
        switch type {
        case .orderCreated:
            self = .orderCreated(
                OrderTerms(
                    orderID: try payload.id("orderId"), userID: try payload.positiveInteger("userId"),
                    productID: try payload.positiveInteger("productId"), quantity: try payload.positiveInteger("quantity"),
                    amount: try payload.positiveInteger("amount")))
            try payload.requireOnly("orderId", "userId", "productId", "quantity", "amount")
        case .orderApproved:
            self = .orderApproved(orderID: try payload.id("orderId"))
            try payload.requireOnly("orderId")
        case .orderCanceled:
            self = .orderCanceled(orderID: try payload.id("orderId"), reason: try payload.value("reason", of: CancelReason.self))
            try payload.requireOnly("orderId", "reason")
        case .inventoryReserved:
            self = .inventoryReserved(try StockClaim(payload))
            try payload.requireOnly("orderId", "productId", "quantity")
        case .inventoryFailed:
            self = .inventoryFailed(try StockClaim(payload), reason: try payload.value("reason", of: InventoryFailure.self))
            try payload.requireOnly("orderId", "productId", "quantity", "reason")
        case .inventoryReleased:
            self = .inventoryReleased(try StockClaim(payload))
            try payload.requireOnly("orderId", "productId", "quantity")
        case .paymentApproved:
            self = .paymentApproved(try Charge(payload))
            try payload.requireOnly("orderId", "paymentId", "userId", "amount")
        case .paymentFailed:
            self = .paymentFailed(try Charge(payload), reason: try payload.value("reason", of: PaymentFailure.self))
            try payload.requireOnly("orderId", "paymentId", "userId", "amount", "reason")
        case .paymentRefunded:
            self = .paymentRefunded(try Charge(payload))
            try payload.requireOnly("orderId", "paymentId", "userId", "amount")
        }
    }
}

extension StockClaim {
    fileprivate func encode(to text: inout JSONText) {
        text.member("productId", productID)
        text.member("quantity", quantity)
    }

    fileprivate init(_ payload: JSONObject) throws(JSONError) {
        self.init(
            orderID: try payload.id("orderId"), productID: try payload.positiveInteger("productId"),
            quantity: try payload.positiveInteger("quantity"))
    }
}

extension Charge {
    fileprivate func encode(to text: inout JSONText) {
        text.member("paymentId", paymentID)
        text.member("userId", userID)
        text.member("amount", amount)
    }

    fileprivate init(_ payload: JSONObject) throws(JSONError) {
        self.init(
            orderID: try payload.id("orderId"), paymentID: try payload.id("paymentId"), userID: try payload.positiveInteger("userId"),
            amount: try payload.positiveInteger("amount"))
    }
}
