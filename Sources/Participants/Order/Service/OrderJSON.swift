import HTTPTypes
package import Saga
import HTTPServer
package import Wire

/// The body of `POST /orders`.
package struct RequestedOrder: Sendable {
    let userID: Int64
    let productID: Int64
    let quantity: Int64
    let amount: Int64

    package init(_ object: JSONObject) throws(JSONError) {
        userID = try object.positiveInteger("userId")
        productID = try object.positiveInteger("productId")
        quantity = try object.positiveInteger("quantity")
        amount = try object.positiveInteger("amount")
        try object.requireOnly("userId", "productId", "quantity", "amount")
    }

    /// Of an order that was placed long ago, whose user may be forgotten.
    static func adopted(_ object: JSONObject) throws(JSONError) -> RequestedOrder {
        let user = try object.integer("userId", in: 0...JSONObject.largestInteger)
        guard user == SagaEvent.forgottenUser else { return try RequestedOrder(object) }
        try object.requireOnly("userId", "productId", "quantity", "amount")
        return RequestedOrder(
            userID: user, productID: try object.positiveInteger("productId"), quantity: try object.positiveInteger("quantity"),
            amount: try object.positiveInteger("amount"))
    }

    private init(userID: Int64, productID: Int64, quantity: Int64, amount: Int64) {
        self.userID = userID
        self.productID = productID
        self.quantity = quantity
        self.amount = amount
    }

    package func terms(id: OrderID) -> OrderTerms {
        OrderTerms(orderID: id, userID: userID, productID: productID, quantity: quantity, amount: amount)
    }
}

/// The value of `?wait=`: a positive number with a unit, of which at most a minute counts.
package struct WaitTime {
    package let duration: Duration

    package init(_ text: String) throws {
        do throws(DurationText.Refusal) {
            duration = min(try DurationText.read(text), .seconds(60))
        } catch .tooLong {
            duration = .seconds(60)
        } catch {
            throw ProblemError(.badRequest, "wait must be a positive number with ms, s, m, h or d")
        }
    }
}

extension Order {
    /// As it was answered when it was placed.
    var asPlaced: Order {
        var order = self
        order.status = .pending
        order.detail = nil
        order.updatedAt = order.createdAt
        return order
    }
}

extension Order: JSONWritable {
    package func write(to text: inout JSONText) {
        text.member("orderId", terms.orderID)
        if terms.userID != SagaEvent.forgottenUser { text.member("userId", terms.userID) }
        text.member("productId", terms.productID)
        text.member("quantity", terms.quantity)
        text.member("amount", terms.amount)
        text.member("status", status.name)
        if let reason = status.reason { text.member("reason", reason.rawValue) }
        if let detail { text.member("detail", detail) }
        text.member("createdAt", createdAt.description)
        text.member("updatedAt", updatedAt.description)
    }
}
