package import Saga
package import Store
package import Wire

/// A service's database.
package typealias Database = SQLDatabase
/// A transaction over it.
package typealias Transaction = WriteTransaction

/// What a transaction appended to the outbox, in order. On the thread of its transaction, and handed over after the commit.
package final class UncommittedEvents: GatheredWork {
    package var appended: [OutboxEntry] = []
    /// The event that is being handled, for what comes of it later; nil outside of handling one.
    package internal(set) var cause: (event: EventID, trace: TraceContext)?
    /// Whether a dead letter may hold up an order; nil until somebody asks. True too often does no harm.
    var mayHoldOrders: Bool?
    /// Whether any order was ever purged; nil until somebody asks.
    var hasPurgedOrders: Bool?

    package init() {}

    package var count: Int { appended.count }

    package func forget(after count: Int) {
        appended.removeSubrange(count...)
    }
}

extension Database {
    package convenience init(
        engine: any DatabaseEngine, schema: Schema, clock: @escaping @Sendable () -> Timestamp,
        makeTables: (Transaction) throws -> Void = { _ in }, initialize: (Transaction) throws -> Void,
        prepareCommit: @escaping @Sendable (Transaction) throws -> Void, committed: @escaping @Sendable (UncommittedEvents) -> Void,
        measured: @escaping @Sendable (Duration, Int) -> Void = { _, _ in }, failed: @escaping @Sendable (StoreError) -> Void
    ) throws {
        try self.init(
            engine: engine, schema: schema, clock: clock, newWork: { UncommittedEvents() },
            makeTables: makeTables, initialize: initialize, prepareCommit: prepareCommit,
            committed: { committed($0.events) }, measured: measured, failed: failed)
    }
}

extension Transaction {
    package convenience init(_ connection: any SQLConnection, now: Timestamp, ids: IDGenerator) {
        self.init(connection, now: now, ids: ids, gathering: UncommittedEvents())
    }

    package var gathered: UncommittedEvents { work.events }
}

extension GatheredWork {
    /// A service's transactions gather nothing else, as the initializers above see to.
    package var events: UncommittedEvents { unsafeDowncast(self, to: UncommittedEvents.self) }
}

extension Transaction {
    /// Makes a decision with this transaction's clock and ids.
    package func decide<Result>(_ body: (inout DecisionContext) throws -> Result) rethrows -> Result {
        var context = DecisionContext(now: now, ids: ids)
        defer { ids = context.ids }
        return try body(&context)
    }
}
