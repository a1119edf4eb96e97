/// What PostgreSQL, or libpq on the way to it, answered instead of success, told apart by what the caller can do about it.
package struct PostgreSQLError: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// The server cannot be reached or used now, or the session with it is lost: make a new session, later.
        case unavailable
        /// Another transaction was in the way. Roll back and run it again.
        case conflict
        /// The server's disk is full. Works again when there is space.
        case full
        /// The server does not let this user in, has no such database, withholds a right, or is of no use. Somebody has to change that.
        case refused
        /// The server says that its data are damaged.
        case corrupt
        /// The statement took longer than it may. The session goes on.
        case timedOut
        /// A mistake in the statement or in what it was given. Retrying does not help.
        case failed
    }

    package let kind: Kind
    /// The SQLSTATE (PostgreSQL's manual, appendix "PostgreSQL Error Codes"); nil where none was given.
    package let state: String?
    /// What the server or libpq said.
    package let message: String
    /// A COMMIT was on its way when the session was lost: what it was to make durable is so, or is not.
    package let isCommitInDoubt: Bool

    init(_ kind: Kind, _ message: String, state: String? = nil, isCommitInDoubt: Bool = false) {
        self.kind = kind
        self.state = state
        self.message = message
        self.isCommitInDoubt = isCommitInDoubt
    }

    /// What the server said, with its SQLSTATE.
    init(state: String, _ message: String, isCommitInDoubt: Bool = false) {
        self.init(Kind(state: state), message, state: state, isCommitInDoubt: isCommitInDoubt)
    }
}

extension PostgreSQLError: CustomStringConvertible {
    package var description: String {
        [
            "PostgreSQL: \(message)\(state.map { " (\($0))" } ?? "")", advice,
            isCommitInDoubt ? "whether what was being committed is durable is not known" : nil,
        ].compactMap(\.self).joined(separator: "; ")
    }

    /// What to do about it, where that is not plain from the message.
    private var advice: String? {
        switch state {
        case "28P01": "check the user's password"
        case "28000": "check the user's name, and what pg_hba.conf says of it"
        case "3D000": "make it with CREATE DATABASE, or name another one in the connection string"
        case "42501": "GRANT the right to the user, or make it the owner"
        case "53300": "raise max_connections, or limit what others take"
        case "53100": "make room on the server's disk"
        case "25006": "this server is a standby or read-only: name all servers in the connection string's host, and the right one is found"
        case "57014": "it took longer than statement_timeout, or was canceled"
        default: nil
        }
    }
}

extension PostgreSQLError.Kind {
    /// What an SQLSTATE means: two characters of class, three of the case (PostgreSQL's manual, appendix "PostgreSQL Error Codes").
    ///
    /// Only what a statement or its values can be the cause of is `failed`.
    init(state: String) {
        self =
            switch state {
            case "25006", "25P03": .unavailable
            case "57014": .timedOut
            case "23505", "55P03": .conflict
            case "53100": .full
            case "3D000", "42501": .refused
            case "XX001", "XX002": .corrupt
            // Transaction rollback: serialization failures, deadlocks.
            case _ where state.hasPrefix("40"): .conflict
            case _ where state.hasPrefix("28"): .refused
            // Connection exceptions; insufficient resources; operator intervention; errors of the system beneath.
            case _ where ["08", "53", "57", "58"].contains(state.prefix(2)): .unavailable
            default: .failed
            }
    }
}
