import Glibc
import PostgreSQL

/// A connection to one service's PostgreSQL database that outlives the sessions it is made of: one that is lost is replaced when the next
/// transaction begins, and until that succeeds every transaction is `StoreError.unavailable`.
///
/// The one that writes holds an advisory lock for as long as its session lives (PostgreSQL's manual, "Advisory Locks"), so that there is
/// one writer, and a session that has gone without a word can write nothing any more once another has the lock. It counts its commits in the
/// database: when the answer to a COMMIT is lost, the count tells whether it was made.
package final class PostgreSQLConnection: SQLConnection {
    package var dialect: SQLDialect { .postgresql }

    private let settings: PostgreSQLSettings
    private let lock: WriterLock?
    private var session: PostgreSQLSession
    /// Durable, as far as this connection knows; nil until its first transaction.
    private var commits: Int64?
    /// What `changes` was when the transaction began: one that changes nothing is not counted, and costs the server no sync.
    private var changesBefore: Int64 = 0
    package private(set) var changes: Int64 = 0

    /// How long the outcome of a commit is asked for.
    private static let patience = Duration.seconds(20)

    /// - Parameter lock: what makes it the one connection that writes; nil for those that read.
    /// - Throws: `StoreError.refused` where somebody has to change something, `unavailable` where it may work later.
    init(_ settings: PostgreSQLSettings, lock: WriterLock? = nil) throws(StoreError) {
        self.settings = settings
        self.lock = lock
        do {
            session = try PostgreSQLSession(settings)
        } catch {
            throw error.kind == .refused ? .refused(error.description) : StoreError(error)
        }
        try lock?.take(in: session, replacing: nil)
    }

    package func confineToThisThread() {
        session.confineToThisThread()
    }

    package func execute(_ script: String) throws(StoreError) {
        changes += 1
        try known { () throws(PostgreSQLError) in try session.execute(PostgreSQLScript.translated(script)) }
    }

    @discardableResult
    package func query(_ sql: StaticString, _ arguments: [SQLValue], row: (Row) throws -> Bool) throws(StoreError) -> Int {
        if !PostgreSQLScript.reads(sql) { changes += 1 }
        do {
            var present: PostgreSQLResultRow?
            return try session.query(sql, arguments.map(\.parameter)) { found in
                let result = present ?? PostgreSQLResultRow(found, of: sql)
                present = result
                result.row = found
                return try row(Row(result: result))
            }
        } catch let error as PostgreSQLError {
            throw StoreError(error)
        } catch {
            throw error as? StoreError ?? .failed("\(error)")
        }
    }

    package func post(_ sql: StaticString, _ arguments: [SQLValue]) throws(StoreError) {
        changes += 1
        try known { () throws(PostgreSQLError) in try session.post(sql, arguments.map(\.parameter)) }
    }

    package func flush() throws(StoreError) {
        try known { () throws(PostgreSQLError) in try session.flush() }
    }

    package func begin() throws(StoreError) {
        try begin { session throws(PostgreSQLError) in try session.run("BEGIN") }
    }

    package func beginReading() throws(StoreError) {
        try begin { session throws(PostgreSQLError) in try session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") }
    }

    package func commit() throws(StoreError) {
        guard changes != changesBefore else { return try known { () throws(PostgreSQLError) in try session.run("COMMIT") } }
        let before = if let commits { commits } else { try WriterLock.commits(in: session) }
        do throws(PostgreSQLError) {
            try session.post("UPDATE writer SET commits = commits + 1")
            try session.run("COMMIT")
        } catch {
            guard error.isCommitInDoubt else { throw StoreError(error) }
            try settle(since: before, error)
        }
        commits = before + 1
    }

    package func rollBack() {
        if isInTransaction { try? session.run("ROLLBACK") }
    }

    package var isInTransaction: Bool {
        switch session.transactionStatus {
        case .inTransaction, .inFailedTransaction, .active: true
        case .idle, .lost: false
        }
    }

    package var hasFailed: Bool { session.transactionStatus == .inFailedTransaction }

    /// A session that was lost while it was at rest shows that only when it is used: then another is tried at once.
    private func begin(_ body: (PostgreSQLSession) throws(PostgreSQLError) -> Void) throws(StoreError) {
        changesBefore = changes
        if session.transactionStatus != .lost {
            do throws(PostgreSQLError) {
                return try body(session)
            } catch {
                guard session.transactionStatus == .lost else { throw StoreError(error) }
            }
        }
        try reconnect()
        try known { () throws(PostgreSQLError) in try body(session) }
    }

    private func reconnect() throws(StoreError) {
        try known { () throws(PostgreSQLError) in
            let latest = try PostgreSQLSession(settings)
            latest.confineToThisThread()
            session = latest
        }
        commits = nil
        try lock?.take(in: session, replacing: lock?.holder)
    }

    /// The answer to a COMMIT was lost: looks what has become of it, in a session that has the lock, and so after the end of the other.
    ///
    /// - Throws: where it was not made; `outcomeUnknown` where that cannot be said.
    private func settle(since before: Int64, _ loss: PostgreSQLError) throws(StoreError) {
        let end = ContinuousClock.now + Self.patience
        while true {
            do throws(StoreError) {
                try reconnect()
                switch try WriterLock.commits(in: session) {
                case before + 1: return
                case before: throw .unavailable(loss.message)
                case let other: throw .outcomeUnknown("\(loss.message); meanwhile \(other - before) transactions were made")
                }
            } catch .unavailable(let message) where session.transactionStatus == .lost {
                if ContinuousClock.now >= end { throw .outcomeUnknown("\(loss.message); then: \(message)") }
                usleep(100_000)
            }
        }
    }

    private func known<Result>(_ body: () throws(PostgreSQLError) -> Result) throws(StoreError) -> Result {
        do throws(PostgreSQLError) {
            return try body()
        } catch {
            throw StoreError(error)
        }
    }
}
