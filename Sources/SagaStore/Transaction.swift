package import Saga
package import Store

/// A service's database.
package typealias Database = SQLiteDatabase<UncommittedEvents>
/// A transaction over it.
package typealias Transaction = WriteTransaction<UncommittedEvents>

/// What a transaction appended to the outbox, in order.
package struct UncommittedEvents: GatheredWork {
    package var appended: [OutboxEntry] = []
    /// The event that is being handled, for what comes of it later; nil outside of handling one.
    package internal(set) var cause: (event: EventID, trace: TraceContext)?
    /// Whether a dead letter may hold up an order; nil until somebody asks. True too often does no harm.
    var mayHoldOrders: Bool?
    /// Whether any order was ever purged; nil until somebody asks.
    var hasPurgedOrders: Bool?

    package init() {}

    package var count: Int { appended.count }

    package mutating func forget(after count: Int) {
        appended.removeSubrange(count...)
    }
}

extension Transaction {
    /// Makes a decision with this transaction's clock and ids.
    package func decide<Result>(_ body: (inout DecisionContext) throws -> Result) rethrows -> Result {
        var context = DecisionContext(now: now, ids: ids)
        defer { ids = context.ids }
        return try body(&context)
    }
}
