import struct AdminAPI.AdminRoute
import struct AdminAPI.CancelResult
import struct AdminAPI.RepairResult
import struct AdminAPI.RepeatedCharge
import struct AdminAPI.RepeatedChargeList
import Hummingbird
import Logging
import Saga
package import HTTPServer
package import SagaDaemon
import SagaStore
import Store
import Systemd
import Wire

/// What only an operator can ask of the order service.
package struct OrderOperatorRoutes: Sendable {
    private let reactions: OrderReactions
    private let context: ServiceContext

    package init(reactions: OrderReactions, context: ServiceContext) {
        self.reactions = reactions
        self.context = context
    }

    package func add(to router: ServiceRouter) {
        router.on(.repair) { request, context in try await adopt(context.parameters.get("orderId") ?? "", request) }
        router.on(.repeatedCharges) { _, _ in
            try Response.encoding(RepeatedChargeList(orders: try await context.database.read { try $0.repeatedCharges() }))
        }
        router.on(.cancelOrders) { request, _ in
            let (age, isDryRun) = try await request.jsonObject { object throws(JSONError) in
                let age = try object.duration("olderThan")
                let isDryRun = object["dryRun"] != nil ? try object.bool("dryRun") : false
                try object.requireOnly("olderThan", "dryRun")
                return (age, isDryRun)
            }
            let cutoff = Timestamp(microseconds: context.clock().microseconds - Int64(age / .microseconds(1)))
            if isDryRun {
                let count = try await context.database.read { try $0.countPendingOrders(before: cutoff) }
                return try Response.encoding(CancelResult(matched: count, canceled: 0))
            }
            return try Response.encoding(try await cancelOrders(placedBefore: cutoff))
        }
    }

    /// An order that was lost here and of which the others hold everything that makes it APPROVED. One that is known is left alone.
    private func adopt(_ text: String, _ request: Request) async throws -> Response {
        guard let id = OrderID(text) else { throw ProblemError(.notFound, "\(text.prefix(64)) is not the id of an order") }
        let asked = try Request.parse(try await request.jsonBody(), RequestedOrder.adopted)
        let changed = try await context.database.writer.write { transaction in
            guard try transaction.order(id) == nil else { return false }
            try transaction.insert(
                Order(
                    terms: asked.terms(id: id), status: .approved, inventory: .reserved, payment: .approved,
                    createdAt: min(id.time, transaction.now),
                    updatedAt: transaction.now))
            return true
        }
        if changed {
            context.log.record(.notice, "order adopted as APPROVED, as the others have it", fields: ["order_id": id.description])
        }
        return try Response.encoding(RepairResult(changed: changed))
    }

    /// So many in a transaction that a commit is worth its while, and new orders do not wait for it.
    private static let batch = 64

    private func cancelOrders(placedBefore cutoff: Timestamp) async throws -> CancelResult {
        var (matched, canceled) = (0, 0)
        var place: PendingPlace?
        while true {
            // Whoever asked for it has gone, or the service stops: the rest is as it was.
            try Task.checkCancellation()
            let from = place
            let page = try await context.database.read { try $0.pendingOrders(before: cutoff, after: from, limit: Self.batch) }
            if page.isEmpty { return CancelResult(matched: matched, canceled: canceled) }
            matched += page.count
            place = page.last
            canceled += try await cancel(page.map(\.id))
        }
    }

    /// One that cannot be canceled for a reason of its own keeps the others from nothing.
    ///
    /// - Returns: how many were canceled by this.
    private func cancel(_ ids: [OrderID]) async throws -> Int {
        let results = try await context.database.writer.write(isBounded: true) { [reactions] transaction in
            try ids.map { id -> Result<OrderReactions.Placed?, any Error> in
                do {
                    return .success(try transaction.attempt { try reactions.cancel(id, .canceledByClient, in: $0) })
                } catch let error as StoreError where error.isInfrastructure {
                    throw error
                } catch {
                    return .failure(error)
                }
            }
        }
        var count = 0
        for (id, result) in zip(ids, results) {
            switch result {
            case .success(let canceled):
                guard let canceled, canceled.handled.outcome == .applied else { continue }
                count += 1
                context.decided("order canceled by an operator", order: id, canceled.order.trace, canceled.handled)
            case .failure(let error):
                context.log.record(.error, "order could not be canceled: \(error)", fields: ["order_id": id.description])
            }
        }
        return count
    }
}

extension Snapshot {
    /// The newest orders that were charged under more than one id, and more often than given back. Reads all that is retained: only for
    /// what an operator asks for.
    fileprivate func repeatedCharges() throws(StoreError) -> [RepeatedCharge] {
        try connection.all(
            """
            SELECT order_id, count(*) FILTER (WHERE type = 'PAYMENT_APPROVED'), count(*) FILTER (WHERE type = 'PAYMENT_REFUNDED')
            FROM inbox WHERE type IN ('PAYMENT_APPROVED', 'PAYMENT_REFUNDED')
            GROUP BY order_id
            HAVING count(*) FILTER (WHERE type = 'PAYMENT_APPROVED') - count(*) FILTER (WHERE type = 'PAYMENT_REFUNDED') > 1
            ORDER BY order_id DESC LIMIT 1000
            """
        ) { row throws(StoreError) in
            let id: OrderID = try row.id(0)
            return try RepeatedCharge(orderId: "\(id)", charges: Int(row.natural(1)), refunds: Int(row.natural(2)))
        }
    }
}
