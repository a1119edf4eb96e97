import CLibpq
import Glibc
import Posix

/// One connection to PostgreSQL with its prepared statements, in pipeline mode (libpq, "Pipeline Mode").
///
/// Not for sharing: its owner uses it from one thread at a time, and has that asserted once he knows which; its calls block that
/// thread, each for a bounded time. It is closed when it is released, which undoes a transaction that is open. Once it has thrown
/// `.unavailable` it may be lost, and then throws that for ever: the owner makes another one.
package final class PostgreSQLSession {
    package enum TransactionStatus: Sendable, Equatable {
        case idle, inTransaction
        /// A statement of the transaction has failed: all that can be done is rolling back.
        case inFailedTransaction
        /// What was posted has not been answered.
        case active
        case lost
    }

    private let settings: PostgreSQLSettings
    private let connection: OpaquePointer
    private var confinement = ThreadConfinement()
    private var texts: [UnsafePointer<UInt8>: StatementText] = [:]
    private var statements: [PreparedStatement.Key: PreparedStatement] = [:]
    private var preparations = 0
    private var parameters = ParameterBuffer()
    private var sent: [SentCommand] = []
    /// As it will be after what was sent.
    private var isTransactionOpen = false
    private var loss: PostgreSQLError?

    /// How often something was sent and its answer waited for.
    package private(set) var roundTrips = 0

    package init(_ settings: PostgreSQLSettings) throws(PostgreSQLError) {
        self.settings = settings
        connection = try Connecting.connect(settings)
        try execute(settings.script)
        roundTrips = 0
    }

    deinit {
        // Does not wait for the server: it does not block.
        PQfinish(connection)
    }

    /// From here on it is used on the calling thread, until another takes it over in the same way.
    package func confineToThisThread() {
        confinement.takeOver()
    }

    package var transactionStatus: TransactionStatus {
        if loss != nil { return .lost }
        return switch PQtransactionStatus(connection) {
        case PQTRANS_IDLE: .idle
        case PQTRANS_INTRANS: .inTransaction
        case PQTRANS_INERROR: .inFailedTransaction
        case PQTRANS_ACTIVE: .active
        default: .lost
        }
    }

    /// Runs a statement, and whatever was posted before it, in one round trip.
    ///
    /// - Parameter row: gets each row in order until it returns false. All of them are in memory.
    /// - Returns: how many rows were changed.
    @discardableResult
    package func query(
        _ sql: StaticString, _ parameters: [PostgreSQLParameter] = [], row: (PostgreSQLRow) throws -> Bool = { _ in true }
    ) throws -> Int {
        try post(sql, parameters)
        guard let result = try collect() else { return 0 }
        // The session is at rest here: a row may be a reason for the next query.
        let present = PostgreSQLRow(result)
        while present.row < result.rows, try row(present) { present.row += 1 }
        return result.changed
    }

    /// Runs a statement that gives no rows.
    package func run(_ sql: StaticString) throws(PostgreSQLError) {
        try post(sql)
        try flush()
    }

    /// The first row of a query, or nil.
    package func first<Value>(
        _ sql: StaticString, _ parameters: [PostgreSQLParameter] = [], row: (PostgreSQLRow) throws -> Value?
    ) throws -> Value? {
        var value: Value?
        try query(sql, parameters) {
            value = try row($0)
            return false
        }
        return value
    }

    /// Sends a statement, later at the latest: its result comes with the next query or flush, which throws its error. What comes after one
    /// that failed is not run, up to that query and including it; outside a transaction, what was posted is undone with it.
    package func post(_ sql: StaticString, _ parameters: [PostgreSQLParameter] = []) throws(PostgreSQLError) {
        try requireUsable()
        try self.parameters.fill(parameters)
        let statement = statement(sql)
        let name = if let known = statement.name { known } else { try prepare(statement) }
        guard self.parameters.execute(name, on: connection) else { throw lose() }
        let effect = statement.text.effect
        sent.append(SentCommand(statement: statement, commits: effect == .commits || effect == .changes && !isTransactionOpen))
        switch effect {
        case .begins: isTransactionOpen = true
        case .commits, .rollsBack: isTransactionOpen = false
        case .reads, .changes: break
        }
    }

    /// Waits for everything that was posted.
    package func flush() throws(PostgreSQLError) {
        try requireUsable()
        if !sent.isEmpty { _ = try collect() }
    }

    /// Runs statements that take and return nothing; not for hot paths. Outside a transaction they are one.
    ///
    /// - Parameter limit: for each statement; the session's own where nil.
    package func execute(_ sql: String, within limit: Duration? = nil) throws(PostgreSQLError) {
        try flush()
        guard PQexitPipelineMode(connection) == 1 else { throw lose() }
        func timeout(_ limit: Duration) -> String { "SET statement_timeout = \(limit.milliseconds)" }
        let script = limit.map { "\(timeout($0)); \(sql); \(timeout(settings.statementTimeout))" } ?? sql
        guard PQsendQuery(connection, script) == 1 else { throw lose() }
        sent.append(SentCommand(statement: nil, commits: true))
        roundTrips += 1
        let end = ContinuousClock.now + (limit.map { $0 + .seconds(2) } ?? settings.answerTimeout)
        var error: PostgreSQLError?
        while let result = try next(until: end) { error = error ?? result.error }
        settle()
        guard PQenterPipelineMode(connection) == 1 else { throw lose() }
        if let error { throw error }
    }
}

extension PostgreSQLSession {
    /// Asks for the answers to all that was sent, and takes them; the session is at rest then.
    ///
    /// - Returns: the last statement's.
    private func collect() throws(PostgreSQLError) -> QueryResult? {
        guard PQpipelineSync(connection) == 1 else { throw lose() }
        roundTrips += 1
        let end = ContinuousClock.now + settings.answerTimeout
        var last: QueryResult?
        var failure: PostgreSQLError?
        for command in sent {
            // Each has one result, and an end.
            while let result = try next(until: end) {
                last = result
                let error = result.error ?? command.undone(result)
                failure = failure ?? error
                // Skipped after another one's failure, or failed itself: as if it had never been sent.
                if error != nil || result.status == PGRES_PIPELINE_ABORTED { command.forget(error) }
            }
        }
        guard let mark = try next(until: end), mark.status == PGRES_PIPELINE_SYNC else { throw lose() }
        settle()
        if let failure { throw failure }
        return last
    }

    private func settle() {
        sent.removeAll(keepingCapacity: true)
        isTransactionOpen = PQtransactionStatus(connection) != PQTRANS_IDLE
    }

    /// The next result, or nil where one command's end.
    private func next(until end: ContinuousClock.Instant) throws(PostgreSQLError) -> QueryResult? {
        while true {
            let unsent = PQflush(connection)
            if unsent < 0 { throw lose() }
            if PQisBusy(connection) == 0 { break }
            // What TLS has decrypted ahead is not seen on the socket.
            let isOpaque = PQsslInUse(connection) == 1 || PQgssEncInUse(connection) == 1
            let pause = isOpaque ? min(end, .now + .milliseconds(50)) : end
            let ready = Readiness.wait(PQsocket(connection), for: unsent > 0 ? POLLIN | POLLOUT : POLLIN, until: pause)
            if ready == 0, .now >= end { throw lose("the server has not answered in time") }
            if ready != CInt(POLLOUT), PQconsumeInput(connection) == 0 { throw lose() }
        }
        guard let handle = PQgetResult(connection) else { return nil }
        let result = QueryResult(handle)
        if result.endsSession || PQstatus(connection) == CONNECTION_BAD { throw lose(result.error?.message, state: result.error?.state) }
        return result
    }

    private func statement(_ sql: StaticString) -> PreparedStatement {
        let key = PreparedStatement.Key(text: sql.utf8Start, signature: parameters.signature)
        if let statement = statements[key] { return statement }
        let text = texts[sql.utf8Start] ?? StatementText(sql)
        texts[sql.utf8Start] = text
        let statement = PreparedStatement(text: text)
        statements[key] = statement
        return statement
    }

    private func prepare(_ statement: PreparedStatement) throws(PostgreSQLError) -> String {
        preparations += 1
        let name = "s\(preparations)"
        guard parameters.prepare(name, statement.text.sql, on: connection) else { throw lose() }
        statement.name = name
        sent.append(SentCommand(statement: statement, isPreparation: true))
        return name
    }

    private func requireUsable() throws(PostgreSQLError) {
        confinement.require()
        if let loss { throw loss }
    }

    /// The session is of no use any more.
    private func lose(_ message: String? = nil, state: String? = nil) -> PostgreSQLError {
        let message = message ?? FailureReport(connection).message
        loss = PostgreSQLError(.unavailable, message, state: state)
        let isCommitInDoubt = sent.contains(where: \.commits)
        return PostgreSQLError(.unavailable, message, state: state, isCommitInDoubt: isCommitInDoubt)
    }
}
