import HTTPServer
import Logging
import Saga
package import SagaDaemon
import SagaStore
import Store
import Systemd
import Transport
import Wire

/// Purges orders a few at a time, and only as fast as the others keep up: new orders are published behind what is purged.
package struct OrderPurge: Sendable {
    private let reactions: OrderReactions
    private let context: ServiceContext
    /// Up to where the receiver of webhooks has been noted what to tell of.
    private let noted: @Sendable () -> Int64

    private static let batch = 64
    /// So many events may be on their way.
    private static let ahead: Int64 = 256

    package init(reactions: OrderReactions, context: ServiceContext, noted: @escaping @Sendable () -> Int64 = { .max }) {
        self.reactions = reactions
        self.context = context
        self.noted = noted
    }

    /// - Returns: those that were at rest, and are gone.
    /// - Throws: a 503 where the others have not taken in time what was purged before.
    func purge(_ ids: [OrderID]) async throws -> [OrderID] {
        var purged: [OrderID] = []
        var rest = ids[...]
        while !rest.isEmpty {
            try await waitForOthers()
            let (part, published) = (Array(rest.prefix(Self.batch)), min(context.outbox.published, noted()))
            rest = rest.dropFirst(Self.batch)
            let gone = try await context.database.writer.write(isBounded: true) { [reactions] transaction in
                try reactions.purge(part, published: published, in: transaction)
            }
            for id in gone { context.log.record(.info, "order purged", fields: ["order_id": id.description]) }
            purged += gone
        }
        return purged
    }

    /// All that are older. Those that are not at rest are looked at again the next time.
    ///
    /// - Returns: how many were purged.
    func purge(before cutoff: Timestamp) async throws -> Int {
        var count = 0
        var place: OrderPlace?
        while true {
            let from = place
            let page = try await context.database.read { try $0.finalOrders(before: cutoff, after: from, limit: Self.batch) }
            if page.isEmpty { return count }
            count += try await purge(page.map(\.id)).count
            place = page.last
        }
    }

    private func waitForOthers() async throws {
        let clock = context.steadyClock
        let end = clock.now + .seconds(60)
        while context.outbox.backlog > Self.ahead {
            guard clock.now < end else {
                throw ProblemError.unavailable("\(context.outbox.backlog) events wait to be published: are all services there?")
            }
            // Nothing tells when the others have caught up, and a moment of rest is good for those who order.
            try await clock.sleep(for: .milliseconds(20))
        }
    }
}
