import struct AdminAPI.AdminRoute
import struct AdminAPI.RepairRequest
import struct AdminAPI.RepairResult
import Hummingbird
import Logging
import Saga
import HTTPServer
import SagaDaemon
import SagaStore
import Store
import Systemd
import Wire

/// Mending what the other services know better. Each of it may be asked for twice.
struct PaymentRepair: Sendable {
    let context: ServiceContext
    let reactions: PaymentReactions

    func add(to router: ServiceRouter) {
        router.on(.repair) { request, requestContext in
            let text = requestContext.parameters.get("orderId") ?? ""
            guard let order = OrderID(text) else { throw ProblemError(.notFound, "\(text.prefix(64)) is not the id of an order") }
            let terms = try await request.jsonObject { object throws(JSONError) -> (userID: Int64, amount: Int64)? in
                guard try object.value("outcome", of: RepairRequest.Outcome.self) == .approved else {
                    try object.requireOnly("outcome")
                    return nil
                }
                let terms = try (object.integer("userId", in: 0...JSONObject.largestInteger), object.positiveInteger("amount"))
                try object.requireOnly("outcome", "userId", "amount")
                return terms
            }
            let changed = try await context.database.writer.write { transaction in
                if let terms {
                    try transaction.recordPayment(of: order, userID: terms.userID, amount: terms.amount)
                } else {
                    try reactions.giveBack(order, in: transaction)
                }
            }
            if changed {
                context.log.record(
                    .notice, "payment \(terms == nil ? "given back: the order is not APPROVED" : "recorded again: the order is APPROVED")",
                    fields: ["order_id": order.description])
            }
            return try Response.encoding(RepairResult(changed: changed))
        }
    }
}

extension Transaction {
    /// The order was approved, so it was charged, and the record of that was lost. What was given back stays given back.
    fileprivate func recordPayment(of order: OrderID, userID: Int64, amount: Int64) throws -> Bool {
        if let known = try payment(order) {
            guard known.status == .approved else {
                throw ProblemError(.conflict, "the payment is \(known.status.shown), so the money is not there: charge it again by hand")
            }
            return false
        }
        let (paymentID, eventID): (PaymentID, EventID) = decide { ($0.newID(), $0.newID()) }
        let charge = Charge(orderID: order, paymentID: paymentID, userID: userID, amount: amount)
        try save(Payment(orderID: order, status: .approved, answer: .init(eventID: eventID, claim: charge, failure: nil)))
        return true
    }
}
