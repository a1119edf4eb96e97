import struct AdminAPI.AdminRoute
import struct AdminAPI.ForgetResult
import struct AdminAPI.PurgeResult
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

/// Letting go of what is over.
struct OrderPurgeRoutes: Sendable {
    let reactions: OrderReactions
    let purge: OrderPurge
    let context: ServiceContext

    private static let mostIDs = 500
    private static let chunk = 200

    func add(to router: ServiceRouter) {
        router.on(.purgeOrders) { request, _ in
            switch try await request.jsonObject({ object throws(JSONError) in try Wanted(object) }) {
            case .count(let cutoff):
                let matched = try await context.database.read { try $0.countFinalOrders(before: cutoff) }
                return try Response.encoding(PurgeResult(matched: matched, purged: 0))
            case .purge(let ids):
                let purged = try await purgeAgain(ids)
                if purged > 0 { context.log.record(.notice, "\(purged) orders purged", messageID: MessageID.purged) }
                return try Response.encoding(PurgeResult(matched: ids.count, purged: purged))
            }
        }
        router.on(.forgetUser) { request, _ in
            let result = try await forget(try await request.namedUser())
            // Not who it was.
            context.log.record(.notice, "a user forgotten in \(result.forgotten) orders", messageID: MessageID.purged)
            return try Response.encoding(result)
        }
    }

    /// An order that was purged before may be back at another service, from a backup: it hears of it again.
    private func purgeAgain(_ ids: [OrderID]) async throws -> Int {
        let purged = try await purge.purge(ids)
        let others = Array(Set(ids).subtracting(purged))
        let repeated = try await context.database.writer.write(isBounded: true) { [reactions] transaction in
            try others.filter { try reactions.repeatPurge(of: $0, in: transaction) }
        }
        return purged.count + repeated.count
    }

    private enum Wanted {
        case count(before: Timestamp)
        case purge([OrderID])

        init(_ object: JSONObject) throws(JSONError) {
            if object["orderIds"] != nil {
                let texts = try object.strings("orderIds")
                let ids = texts.compactMap { OrderID($0) }
                guard ids.count == texts.count, ids.count <= OrderPurgeRoutes.mostIDs else {
                    throw JSONError("orderIds must be at most \(OrderPurgeRoutes.mostIDs) UUIDs")
                }
                self = .purge(ids)
                try object.requireOnly("orderIds")
            } else {
                guard let time = RFC3339.parse(try object.string("before")) else { throw JSONError("before must be an RFC 3339 time") }
                guard try object.bool("dryRun") else { throw JSONError("what is to be purged is named by orderIds") }
                self = .count(before: Timestamp(microseconds: time))
                try object.requireOnly("before", "dryRun")
            }
        }
    }

    // MARK: Forgetting

    private func forget(_ user: Int64) async throws -> ForgetResult {
        var key: String? = ""
        while let from = key {
            try Task.checkCancellation()
            key = try await context.database.writer.write(isBounded: true) { transaction in
                try transaction.digestRequests(of: user, after: from, limit: Self.chunk)
            }
        }
        var (forgotten, left) = (0, 0)
        var place: OrderPlace?
        while true {
            // Whoever asked for it has gone, or the service stops: the rest is as it was.
            try Task.checkCancellation()
            let (from, published) = (place, context.outbox.published)
            let page = try await context.database.read { try $0.orders(of: user, after: from, limit: Self.chunk) }
            if page.isEmpty { return ForgetResult(forgotten: forgotten, left: left) }
            place = page.last
            let count = try await context.database.writer.write(isBounded: true) { transaction in
                try page.filter { try transaction.forgetUser(of: $0.id, published: published) }.count
            }
            forgotten += count
            left += page.count - count
        }
    }
}

extension Snapshot {
    /// Oldest first; the page behind `place`.
    fileprivate func orders(of user: Int64, after place: OrderPlace?, limit: Int) throws(StoreError) -> [OrderPlace] {
        try connection.all(
            """
            SELECT created_at, order_id FROM orders INDEXED BY orders_by_user
            WHERE user_id = ?1 AND (created_at, order_id) > (?2, ?3) ORDER BY created_at, order_id LIMIT ?4
            """, .integer(user), .time(place?.createdAt ?? Timestamp(microseconds: .min)), .bits(place?.id.bits ?? 0),
            .integer(Int64(limit))
        ) { try OrderPlace(createdAt: $0.timestamp(0), id: $0.id(1)) }
    }
}

extension Transaction {
    /// - Returns: false where the saga still needs to know whose order it is.
    fileprivate func forgetUser(of id: OrderID, published: Int64) throws(StoreError) -> Bool {
        guard let order = try order(id), order.status != .pending, try isPublished(id, upTo: published) else { return false }
        try connection.post("UPDATE orders SET user_id = ? WHERE order_id = ?", .integer(SagaEvent.forgottenUser), .bits(id.bits))
        try forgetUser(inEventsOf: id)
        return true
    }
}
