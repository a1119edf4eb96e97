package import Wire

/// A view of the database that can be read; valid only inside the closure that got it.
package class Snapshot {
    package let connection: any SQLConnection

    package init(_ connection: any SQLConnection) {
        self.connection = connection
    }
}

/// What a layer above gathers in a transaction beside rows, in order. What is undone is forgotten; after the commit it is handed out.
///
/// A class that the layer above knows by name, and no type parameter of everything here: what is generic over a type of another module is
/// compiled without knowing it, which took 5 % of the time of an order.
package protocol GatheredWork: AnyObject {
    /// How much there is.
    var count: Int { get }
    /// Forgets what came after the first `count`.
    func forget(after count: Int)
}

/// A transaction that is open for writing; valid only inside the closure that got it.
///
/// Everything done through it becomes durable together or not at all. What it says `afterCommit` runs only once it is durable.
package final class WriteTransaction: Snapshot {
    /// When the present piece of work began.
    package var now: Timestamp
    package var ids: IDGenerator

    /// What the layer above wants to know of all the work in this transaction once it is durable.
    package let work: any GatheredWork
    /// What is to run after the commit.
    package internal(set) var completions: [() -> Void] = []
    var counts: [Count] = []

    private var hasBegun = false
    /// Every part that may fail has a savepoint.
    let isGuarded: Bool
    /// A part failed that had no savepoint: all of it is to be undone, and done again with them.
    private(set) var mustBeRepeated = false

    /// - Parameters:
    ///   - work: empty.
    ///   - isGuarded: false where whoever ends the transaction looks at `mustBeRepeated` first.
    package init(
        _ connection: any SQLConnection, now: Timestamp, ids: IDGenerator, gathering work: any GatheredWork, isGuarded: Bool = true
    ) {
        self.work = work
        self.now = now
        self.ids = ids
        self.isGuarded = isGuarded
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

    /// Whether more can be done in it: not where an error has ended it, or where it will be repeated.
    package var isUsable: Bool { connection.isInTransaction && !connection.hasFailed && !mustBeRepeated }

    /// Runs a part that may fail without taking the rest with it.
    package func attempt<Result>(_ body: (WriteTransaction) throws -> Result) throws -> Result {
        // What is written outside a transaction would be one of its own, and durable by itself.
        if hasBegun, !connection.isInTransaction { throw StoreError.failed("the transaction ended early") }
        guard isGuarded else { return try attemptUnguarded(body) }
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

    /// A part that is not expected to fail once it has written something, and so without a savepoint: in one, SQLite copies every page
    /// before it changes it. Where it fails all the same, only the whole transaction can be undone.
    private func attemptUnguarded<Result>(_ body: (WriteTransaction) throws -> Result) throws -> Result {
        let mark = mark
        let changes = connection.changes
        do {
            return try body(self)
        } catch {
            if connection.isInTransaction, !connection.hasFailed, connection.changes == changes {
                forget(since: mark)
            } else {
                mustBeRepeated = true
            }
            throw error
        }
    }

    private var mark: (gathered: Int, completions: Int, counts: Int) { (work.count, completions.count, counts.count) }

    private func forget(since mark: (gathered: Int, completions: Int, counts: Int)) {
        work.forget(after: mark.gathered)
        completions.removeSubrange(mark.completions...)
        counts.removeSubrange(mark.counts...)
    }

    /// Begins it. Who begins also ends it: `GroupCommitWriter` in a daemon, a simulated process in a simulation.
    package func begin() throws(StoreError) {
        try connection.begin()
        hasBegun = true
    }

    package func commit() throws(StoreError) {
        if !counts.isEmpty { try writeCounts() }
        try connection.commit()
    }

    package func rollBack() {
        connection.rollBack()
    }

    private func writeCounts() throws(StoreError) {
        var totals: [String: Int64] = [:]
        for count in counts { totals[count.name.description, default: 0] += count.change }
        for (name, change) in totals where change != 0 {
            try connection.post(
                "INSERT INTO total VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = total.value + ?2", .text(name), .integer(change)
            )
        }
    }
}
