import Glibc
import PostgreSQL

/// What makes one session the only one that writes a service's database: an advisory lock, held until the session ends
/// (PostgreSQL's manual, "Advisory Locks").
///
/// Used by the thread that uses the connection.
final class WriterLock {
    /// Each service has its own, in each schema of a database.
    private let application: Int32
    /// The server's process that holds it for this one; nil before the first.
    private(set) var holder: Int64?

    /// How long a session that has ended may take to let go, as the server sees it.
    private static let patience = Duration.seconds(3)

    init(application: Int32) {
        self.application = application
    }

    /// Takes the lock. Whose own earlier session still has it, is ended: the server may not have noticed yet that nobody is there any more.
    ///
    /// - Throws: `anotherInstance`, naming it.
    func take(in session: PostgreSQLSession, replacing old: Int64?) throws(StoreError) {
        do {
            let end = ContinuousClock.now + Self.patience
            while try !isTaken(in: session) {
                let rival = try rival(in: session)
                if let rival, rival.process == old {
                    try session.query("SELECT pg_terminate_backend(CAST(? AS int4))", [.integer(rival.process)])
                }
                guard ContinuousClock.now < end else {
                    throw StoreError.anotherInstance(using: "the database: \(rival?.name ?? "somebody else")")
                }
                usleep(50_000)
            }
            holder = try session.first("SELECT pg_backend_pid()") { $0.integer(0) }
        } catch let error as PostgreSQLError {
            throw StoreError(error)
        } catch {
            throw error as? StoreError ?? .failed("\(error)")
        }
    }

    /// How many transactions were made durable, as the database tells.
    static func commits(in session: PostgreSQLSession) throws(StoreError) -> Int64 {
        do {
            guard let commits = try session.first("SELECT commits FROM writer", row: { $0.integer(0) }) else {
                throw StoreError.corrupt("the table writer is empty")
            }
            return commits
        } catch let error as PostgreSQLError {
            throw StoreError(error)
        } catch {
            throw error as? StoreError ?? .failed("\(error)")
        }
    }

    private func isTaken(in session: PostgreSQLSession) throws -> Bool {
        try session.first(
            """
            SELECT pg_try_advisory_lock(CAST(? AS int4), (SELECT CAST(oid AS int4) FROM pg_namespace WHERE nspname = current_schema()))
            """, [.integer(Int64(application))]
        ) { $0.integer(0) } == 1
    }

    /// Who has it: the server's process, and who that works for, for people.
    private func rival(in session: PostgreSQLSession) throws -> (process: Int64, name: String)? {
        try session.first(
            """
            SELECT pid, application_name || coalesce(' from ' || host(client_addr), ' on the host of the server')
            FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND database = datid AND datname = current_database() AND CAST(classid AS int8) = ?
            AND objid = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
            """, [.integer(Int64(UInt32(bitPattern: application)))]
        ) { row in row.integer(0).map { (process: $0, name: row.text(1) ?? "somebody else") } }
    }
}
