package import Wire

/// A view of the database that can be read; valid only inside the closure that got it.
package class Snapshot {
    package let connection: Connection

    package init(_ connection: Connection) {
        self.connection = connection
    }
}

/// What a layer above gathers in a transaction beside rows, in order. What is undone is forgotten; after the commit it is handed out.
package protocol GatheredWork: SendableMetatype {
    init()
    /// How much there is.
    var count: Int { get }
    /// Forgets what came after the first `count`.
    mutating func forget(after count: Int)
}

/// A transaction that is open for writing; valid only inside the closure that got it.
///
/// Everything done through it becomes durable together or not at all. What it says `afterCommit` runs only once it is durable.
package final class WriteTransaction<Gathered: GatheredWork>: Snapshot {
    /// When the present piece of work began.
    package var now: Timestamp
    package var ids: IDGenerator

    /// What the layer above wants to know of all the work in this transaction once it is durable.
    package var gathered = Gathered()
    /// What is to run after the commit.
    package internal(set) var completions: [() -> Void] = []
    var counts: [Count] = []

    private var hasBegun = false

    package init(_ connection: Connection, now: Timestamp, ids: IDGenerator) {
        self.now = now
        self.ids = ids
        super.init(connection)
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
    package func attempt<Result>(_ body: (WriteTransaction) throws -> Result) throws -> Result {
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
    func attemptUnguarded(_ body: (WriteTransaction) throws -> Void) throws(StoreError) -> Result<Void, any Error>? {
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

    private var mark: (gathered: Int, completions: Int, counts: Int) { (gathered.count, completions.count, counts.count) }

    private func forget(since mark: (gathered: Int, completions: Int, counts: Int)) {
        gathered.forget(after: mark.gathered)
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
