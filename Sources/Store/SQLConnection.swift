/// A connection to a database, with its prepared statements: the seam between the stores and the engines.
///
/// Above it everything is written once, as SQL that all engines understand; a statement that they do not share is chosen by `dialect`.
/// Parameters are `?` or `?1`. Not for sharing: its owner uses it from one thread at a time, and has that asserted. What was committed
/// survives a crash of the process and of the machine.
package protocol SQLConnection: AnyObject {
    var dialect: SQLDialect { get }

    /// From here on it is used on the calling thread, until another takes it over in the same way.
    func confineToThisThread()

    /// Runs statements that take and return nothing; not for hot paths.
    func execute(_ script: String) throws(StoreError)

    /// Runs a statement and hands out its rows, in order, for as long as `row` wants the next.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    func query(_ sql: StaticString, _ arguments: [SQLValue], row: (Row) throws -> Bool) throws(StoreError) -> Int

    /// Runs a statement whose result nobody waits for: where the database is at the other end of a network, it is sent with what follows.
    /// Its error is thrown by what comes next, at the latest by `flush` or `commit`.
    func post(_ sql: StaticString, _ arguments: [SQLValue]) throws(StoreError)

    /// Waits for what was posted.
    func flush() throws(StoreError)

    /// Begins to write. Nobody else writes what it has read before it ends.
    func begin() throws(StoreError)

    /// Begins to read one state of the database, however many queries follow.
    func beginReading() throws(StoreError)

    /// Makes what was written durable.
    ///
    /// - Throws: where nothing of it was written.
    func commit() throws(StoreError)

    /// Undoes what was written, where an error has not already done so.
    func rollBack()

    /// False once an error has made the engine undo the whole transaction by itself.
    var isInTransaction: Bool { get }

    /// True once an error has made the engine refuse everything until a savepoint, or the whole transaction, is undone.
    var hasFailed: Bool { get }

    /// Grows with every row that is changed, also when that is undone.
    var changes: Int64 { get }
}

/// Whose SQL a connection understands, for the few statements that exist more than once.
package enum SQLDialect: Sendable {
    case sqlite, postgresql
}

extension SQLConnection {
    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    package func run(_ sql: StaticString, _ arguments: SQLValue...) throws(StoreError) -> Int {
        try query(sql, arguments) { _ in false }
    }

    /// Runs a statement whose result nobody waits for.
    package func post(_ sql: StaticString, _ arguments: SQLValue...) throws(StoreError) {
        try post(sql, arguments)
    }

    /// The first row of a query, or nil.
    package func first<T>(_ sql: StaticString, _ arguments: SQLValue..., row: (Row) throws -> T) throws(StoreError) -> T? {
        var found: T?
        try query(sql, arguments) {
            found = try row($0)
            return false
        }
        return found
    }

    /// All rows of a query, in order.
    package func all<T>(_ sql: StaticString, _ arguments: SQLValue..., row: (Row) throws -> T) throws(StoreError) -> [T] {
        var rows: [T] = []
        try query(sql, arguments) {
            rows.append(try row($0))
            return true
        }
        return rows
    }
}
