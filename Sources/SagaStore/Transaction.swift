package import Saga
package import Wire

/// A view of the database that can be read; valid only inside the closure that got it.
package class Snapshot {
    package let connection: Connection

    package init(_ connection: Connection) {
        self.connection = connection
    }
}

/// A transaction that is open for writing; valid only inside the closure that got it.
///
/// Everything done through it becomes durable together or not at all. What it says `afterCommit` runs only once it is durable.
package final class Transaction: Snapshot {
    /// When the present piece of work began.
    package internal(set) var now: Timestamp
    package internal(set) var ids: IDGenerator

    /// Newly appended outbox entries, and what is to run after the commit, of all the work in this transaction.
    package internal(set) var appended: [OutboxEntry] = []
    package internal(set) var completions: [() -> Void] = []
    var counts: [Count] = []
    /// Whether a dead letter may hold up an order; nil until somebody asks. True too often does no harm.
    var mayHoldOrders: Bool?

    private var hasBegun = false

    struct Count {
        let name: StaticString
        let change: Int64
    }

    package init(_ connection: Connection, now: Timestamp, ids: IDGenerator) {
        self.now = now
        self.ids = ids
        super.init(connection)
    }

    /// Makes a decision with this transaction's clock and ids.
    package func decide<Result>(_ body: (inout DecisionContext) throws -> Result) rethrows -> Result {
        var context = DecisionContext(now: now, ids: ids)
        defer { ids = context.ids }
        return try body(&context)
    }

    /// Runs when everything in this transaction is durable; not at all when it is rolled back.
    package func afterCommit(_ body: @escaping () -> Void) {
        completions.append(body)
    }

    /// Adds to a durable total. Totals are gathered and written once a transaction, so that counting costs nothing.
    package func add(_ change: Int64, to name: StaticString) {
        counts.append(Count(name: name, change: change))
    }

    /// Runs a part that may fail without taking the rest with it.
    package func attempt<Result>(_ body: (Transaction) throws -> Result) throws -> Result {
        // A savepoint outside a transaction would be one of its own, and durable by itself.
        if hasBegun, !connection.isInTransaction { throw StoreError.failed("the transaction ended early") }
        let mark = mark
        try connection.run("SAVEPOINT part")
        do {
            let result = try body(self)
            try connection.run("RELEASE part")
            return result
        } catch {
            forget(since: mark)
            // An error such as a full disk rolls back everything by itself; then there is no savepoint left.
            if connection.isInTransaction {
                try connection.run("ROLLBACK TO part")
                try connection.run("RELEASE part")
            }
            throw error
        }
    }

    /// Runs a part that is not expected to fail once it has written something, and so without a savepoint: in one, SQLite copies every
    /// page before it changes it. nil where it failed all the same; then only the whole transaction can be undone.
    ///
    /// - Throws: a `StoreError` that ended the whole transaction, or that is final: after a failure of the disk nothing is tried again.
    func attemptUnguarded(_ body: (Transaction) throws -> Void) throws(StoreError) -> Result<Void, any Error>? {
        let mark = mark
        let changes = connection.changes
        do {
            return .success(try body(self))
        } catch {
            if connection.isInTransaction, connection.changes == changes {
                forget(since: mark)
                return .failure(error)
            }
            if let error = error as? StoreError, error.isFinal || !connection.isInTransaction { throw error }
            return nil
        }
    }

    private var mark: (appended: Int, completions: Int, counts: Int) { (appended.count, completions.count, counts.count) }

    private func forget(since mark: (appended: Int, completions: Int, counts: Int)) {
        appended.removeSubrange(mark.appended...)
        completions.removeSubrange(mark.completions...)
        counts.removeSubrange(mark.counts...)
    }

    /// Begins it. Who begins also ends it: `GroupCommitWriter` in a daemon, a simulated process in a simulation.
    package func begin() throws(StoreError) {
        try connection.run("BEGIN IMMEDIATE")
        hasBegun = true
    }

    package func commit() throws(StoreError) {
        if !counts.isEmpty { try writeCounts() }
        try connection.run("COMMIT")
    }

    package func rollBack() {
        if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
    }

    private func writeCounts() throws(StoreError) {
        var totals: [String: Int64] = [:]
        for count in counts { totals[count.name.description, default: 0] += count.change }
        for (name, change) in totals where change != 0 {
            try connection.run(
                "INSERT INTO total VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + ?2", .text(name), .integer(change))
        }
    }
}

extension Snapshot {
    /// All durable totals.
    package func totals() throws(StoreError) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: try connection.all("SELECT name, value FROM total") { try ($0.text(0), $0.integer(1)) })
    }
}
