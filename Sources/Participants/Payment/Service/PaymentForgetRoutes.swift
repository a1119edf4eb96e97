import struct AdminAPI.AdminRoute
import struct AdminAPI.ForgetResult
import HTTPServer
import Hummingbird
import Logging
import Saga
import SagaDaemon
import SagaStore
import Store
import Systemd
import Transport
import Wire

/// Taking a user's id out of all payments that no longer need it.
struct PaymentForgetRoutes: Sendable {
    let context: ServiceContext

    private static let chunk = 1000

    func add(to router: ServiceRouter) {
        router.on(.forgetUser) { request, _ in
            let result = try await forget(try await request.namedUser())
            context.log.record(.notice, "a user forgotten in \(result.forgotten) payments", messageID: MessageID.purged)
            return try Response.encoding(result)
        }
    }

    /// Goes through all payments: to find those of a user faster would cost an index that each charge had to pay for.
    private func forget(_ user: Int64) async throws -> ForgetResult {
        var (forgotten, left) = (0, 0)
        var place: OrderID?
        while true {
            try Task.checkCancellation()
            let (from, published) = (place, context.outbox.published)
            let page = try await context.database.read { try $0.paymentsWithUsers(after: from, limit: Self.chunk) }
            guard let last = page.last else { return ForgetResult(forgotten: forgotten, left: left) }
            place = last.order
            let own = page.filter { $0.user == user }.map(\.order)
            if own.isEmpty {
                await Task.yield()
                continue
            }
            let count = try await context.database.writer.write(isBounded: true) { transaction in
                try own.filter { try transaction.forgetUser(ofPayment: $0, published: published) }.count
            }
            forgotten += count
            left += own.count - count
        }
    }
}

extension Snapshot {
    fileprivate func paymentsWithUsers(after order: OrderID?, limit: Int) throws(StoreError) -> [(order: OrderID, user: Int64?)] {
        try connection.all(
            "SELECT order_id, user_id FROM payment WHERE order_id > ? ORDER BY order_id LIMIT ?", .bits(order?.bits ?? 0),
            .integer(Int64(limit))
        ) { try ($0.id(0), $0.optional(1) { try $0.natural($1) }) }
    }
}

extension Transaction {
    /// - Returns: false where it is still to be settled, and so the user to be named.
    fileprivate func forgetUser(ofPayment order: OrderID, published: Int64) throws(StoreError) -> Bool {
        guard try isPublished(order, upTo: published) else { return false }
        let changed = try connection.run(
            "UPDATE payment SET user_id = ? WHERE order_id = ? AND status IN ('APPROVED', 'FAILED', 'REFUNDED', 'VOID')",
            .integer(SagaEvent.forgottenUser), .bits(order.bits))
        guard changed == 1 else { return false }
        try forgetUser(inEventsOf: order)
        return true
    }
}
