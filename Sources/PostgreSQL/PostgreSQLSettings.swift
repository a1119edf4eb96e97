/// How a session is made, and how long it waits for what.
///
/// Its description says nothing of what is in it: the connection string may hold a password as well.
package struct PostgreSQLSettings: Sendable, CustomStringConvertible {
    /// As libpq reads it: `host=a,b dbname=x`, or a URI (libpq, "Connection Strings").
    package var connection: String
    /// Beats one in the connection string.
    package var password: String?
    /// What the server shows of the session in `pg_stat_activity`, unless the connection string has a name.
    package var applicationName: String
    /// For each server that is named; `connect_timeout` in the connection string beats it.
    package var connectTimeout: Duration = .seconds(3)
    /// How long a statement may run, as the server sees it.
    package var statementTimeout: Duration = .seconds(10)
    /// How long a statement waits for another transaction's lock before that is a conflict.
    package var lockTimeout: Duration = .seconds(5)
    /// How long a transaction may be open with nothing to do before the server ends the session: a frozen process keeps no locks.
    package var idleInTransactionTimeout: Duration = .seconds(5)

    package init(connection: String, password: String? = nil, applicationName: String) {
        self.connection = connection
        self.password = password
        self.applicationName = applicationName
    }

    package var description: String { "settings of \(applicationName)" }

    /// How long the answers to a round trip are waited for: a server that is alive has given up by itself before.
    var answerTimeout: Duration { statementTimeout + .seconds(2) }

    /// What is the same for every statement of a session. Notices beneath warnings would be sent only to be dropped.
    var script: String {
        """
        SET statement_timeout = \(statementTimeout.milliseconds);
        SET lock_timeout = \(lockTimeout.milliseconds);
        SET idle_in_transaction_session_timeout = \(idleInTransactionTimeout.milliseconds);
        SET default_transaction_isolation = 'read committed';
        SET client_min_messages = warning
        """
    }
}

extension Duration {
    /// Rounded up, so that what is short does not become zero, which PostgreSQL and poll(2) read as something else.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
