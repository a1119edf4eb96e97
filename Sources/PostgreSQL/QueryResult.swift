import CLibpq
import Glibc

/// What one command has brought. Freed with its last owner, so that it outlives the session's next command.
final class QueryResult {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        PQclear(handle)
    }

    var status: ExecStatusType { PQresultStatus(handle) }

    var rows: Int32 { PQntuples(handle) }

    /// How many rows the command has changed.
    var changed: Int { command.hasPrefix("SELECT") ? 0 : PQcmdTuples(handle).map { atol($0) } ?? 0 }

    /// The name of the command that was carried out.
    var command: String { PQcmdStatus(handle).map { String(cString: $0) } ?? "" }

    /// nil where it is no error.
    var error: PostgreSQLError? {
        switch status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_PIPELINE_SYNC, PGRES_PIPELINE_ABORTED: return nil
        default: break
        }
        let message = field(.message) ?? FailureReport(text).message
        guard let state = field(.state) else { return PostgreSQLError(.failed, message) }
        // A statement that was prepared for a table as it was before another version of the program changed it: it is prepared anew.
        let isOutdated = state == "0A000" && field(.function) == "RevalidateCachedQuery"
        return isOutdated ? PostgreSQLError(.conflict, message, state: state) : PostgreSQLError(state: state, message)
    }

    /// The server has ended the session with it.
    var endsSession: Bool { field(.severity).map { ["FATAL", "PANIC"].contains($0) } ?? false }

    private var text: String { PQresultErrorMessage(handle).map { String(cString: $0) } ?? "" }

    /// As `PQresultErrorField` names them.
    private enum Field: Character {
        case message = "M"
        case state = "C"
        /// In English.
        case severity = "V"
        /// Of the server's source.
        case function = "R"
    }

    private func field(_ field: Field) -> String? {
        PQresultErrorField(handle, CInt(field.rawValue.asciiValue ?? 0)).map { String(cString: $0) }
    }
}
