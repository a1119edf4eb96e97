import CLibpq

/// What was sent and has not been answered.
struct SentCommand {
    /// nil for a script.
    let statement: PreparedStatement?
    var isPreparation = false
    /// What it does, or what was done before it, is durable with it.
    var commits = false

    /// PostgreSQL answers COMMIT with ROLLBACK, and no error, where the transaction had failed.
    func undone(_ result: QueryResult) -> PostgreSQLError? {
        guard !isPreparation, statement?.text.effect == .commits, result.command == "ROLLBACK" else { return nil }
        return PostgreSQLError(.failed, "the transaction had failed, and COMMIT has rolled it back", state: "25P02")
    }

    /// Has what the server does not have prepared again: a preparation that failed or was not run, a statement that is known no more, or
    /// for a table that has changed since.
    ///
    /// - Parameter error: nil where it was not run.
    func forget(_ error: PostgreSQLError?) {
        if isPreparation || error?.state == "0A000" || error?.state == "26000" { statement?.name = nil }
    }
}
