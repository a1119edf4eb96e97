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

/// Mending what the other services know better.
struct InventoryRepairRoutes: Sendable {
    let reactions: InventoryReactions
    let context: ServiceContext

    func add(to router: ServiceRouter) {
        router.on(.repair) { request, requestContext in
            let text = requestContext.parameters.get("orderId") ?? ""
            guard let order = OrderID(text) else { throw ProblemError(.notFound, "\(text.prefix(64)) is not the id of an order") }
            let claim = try await request.jsonObject { object throws(JSONError) -> StockClaim? in
                guard try object.value("outcome", of: RepairRequest.Outcome.self) == .approved else {
                    try object.requireOnly("outcome")
                    return nil
                }
                let claim = try StockClaim(
                    orderID: order, productID: object.positiveInteger("productId"), quantity: object.positiveInteger("quantity"))
                try object.requireOnly("outcome", "productId", "quantity")
                return claim
            }
            let changed = try await context.database.writer.write { [reactions] transaction in
                if let claim { try reactions.sell(claim, in: transaction) } else { try reactions.giveBack(order, in: transaction) }
            }
            if changed {
                context.log.record(
                    .notice, "reservation repaired: the order is \(claim == nil ? "CANCELED" : "APPROVED")",
                    fields: ["order_id": order.description])
            }
            return try Response.encoding(RepairResult(changed: changed))
        }
        router.on(.recountStock) { _, requestContext in
            let text = requestContext.parameters.get("productId") ?? ""
            guard let product = Int64(text),
                let (before, after) = try await context.database.writer.write(
                    isBounded: true,
                    { [reactions] transaction in
                        try reactions.recount(product, in: transaction)
                    })
            else { throw ProblemError(.notFound, "there is no product \(text.prefix(64))") }
            if before != after {
                context.log.record(
                    .notice,
                    "stock of product \(product) recounted: reserved from \(before.reserved) to \(after.reserved), sold from \(before.sold) to \(after.sold)",
                    fields: ["product_id": "\(product)"])
            }
            return try Response.encoding(RepairResult(changed: before != after))
        }
    }
}
