import CLibpq
import Glibc

/// Makes a connection: to the first server that is named, can be reached and may be written.
///
/// Blocks, for `connectTimeout` with each server, and for as long as the resolver takes with its name. What the connection string says
/// goes before what is said here, except for the encoding and the password.
struct Connecting {
    private let settings: PostgreSQLSettings
    private let string: ConnectionString

    /// - Returns: a connection that does not block and is in pipeline mode; the caller's to finish.
    static func connect(_ settings: PostgreSQLSettings) throws(PostgreSQLError) -> OpaquePointer {
        try Connecting(settings: settings, string: ConnectionString(settings.connection)).connect()
    }

    private func connect() throws(PostgreSQLError) -> OpaquePointer {
        var failures: [PostgreSQLError] = []
        for server in string.servers {
            do throws(PostgreSQLError) {
                return try connect(to: server)
            } catch {
                failures.append(error)
            }
        }
        // Servers that are down come back by themselves; what one of them refuses stays refused.
        let decisive = failures.first { $0.kind == .refused } ?? failures.first { $0.kind != .unavailable } ?? failures[0]
        throw PostgreSQLError(
            decisive.kind, failures.map(\.message).joined(separator: "; "), state: decisive.state)
    }

    private func connect(to server: [String: String]) throws(PostgreSQLError) -> OpaquePointer {
        guard let connection = start(server) else { throw PostgreSQLError(.unavailable, "out of memory") }
        do throws(PostgreSQLError) {
            PQsetNoticeReceiver(connection, { _, _ in }, nil)
            // Only in its most talkative form does libpq tell the SQLSTATE of a connection that was refused.
            PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
            if PQstatus(connection) == CONNECTION_BAD { throw failure(connection, isAtStart: true) }
            try finish(connection)
            PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
            try check(connection)
            guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else { throw failure(connection) }
            return connection
        } catch {
            PQfinish(connection)
            throw error
        }
    }

    private func start(_ server: [String: String]) -> OpaquePointer? {
        var options = [
            "fallback_application_name": settings.applicationName, "target_session_attrs": "read-write",
            "tcp_user_timeout": String(settings.answerTimeout.milliseconds),
        ].merging(server) { $1 }
        options["client_encoding"] = "UTF8"
        if let password = settings.password { options["password"] = password }
        var keywords: [UnsafePointer<CChar>?] = []
        var values: [UnsafePointer<CChar>?] = []
        for (keyword, value) in options {
            keywords.append(UnsafePointer(strdup(keyword)))
            values.append(UnsafePointer(strdup(value)))
        }
        defer { for text in keywords + values { free(UnsafeMutablePointer(mutating: text)) } }
        return PQconnectStartParams(keywords + [nil], values + [nil], 0)
    }

    /// Goes on until the connection is made (libpq, "Database Connection Control Functions", PQconnectPoll).
    private func finish(_ connection: OpaquePointer) throws(PostgreSQLError) {
        let limit = string["connect_timeout"].flatMap(Int.init).flatMap { $0 > 0 ? .seconds($0) : nil } ?? settings.connectTimeout
        let end = ContinuousClock.now + limit
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard Readiness.wait(PQsocket(connection), for: events, until: end) != 0 else {
                let host = PQhost(connection).map { String(cString: $0) } ?? "", port = PQport(connection).map { String(cString: $0) } ?? ""
                throw PostgreSQLError(.unavailable, "no answer from \(host), port \(port), within \(limit)")
            }
            state = PQconnectPoll(connection)
            if state == PGRES_POLLING_FAILED { throw failure(connection) }
        }
    }

    private func check(_ connection: OpaquePointer) throws(PostgreSQLError) {
        let version = PQserverVersion(connection)
        guard version >= Connecting.oldest else {
            throw PostgreSQLError(.refused, "the server has version \(version / 10000), which is too old: 13 or later is needed")
        }
        // Elsewhere a text may not fit in, or come out as another.
        let encoding = PQparameterStatus(connection, "server_encoding").map { String(cString: $0) } ?? "?"
        guard encoding == "UTF8" else {
            let database = PQdb(connection).map { String(cString: $0) } ?? ""
            throw PostgreSQLError(
                .refused, "the database \(database) has the encoding \(encoding): make it anew with ENCODING 'UTF8' TEMPLATE template0")
        }
    }

    /// As `PQserverVersion` has it.
    private static let oldest: Int32 = 130_000

    private func failure(_ connection: OpaquePointer, isAtStart: Bool = false) -> PostgreSQLError {
        let report = FailureReport(connection)
        if let state = report.state { return PostgreSQLError(state: state, report.message) }
        // It was asked for a password and had none.
        if PQconnectionNeedsPassword(connection) == 1 { return PostgreSQLError(.refused, report.message, state: "28P01") }
        // What is wrong before anything was tried is in the string; libpq speaks English where nobody has called setlocale(3).
        let wasTried = report.message.contains("connection to server") || report.message.contains("could not translate host name")
        return PostgreSQLError(isAtStart && !wasTried ? .refused : .unavailable, report.message)
    }
}
