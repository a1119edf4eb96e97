import CSQLite

extension StoreError {
    /// What an extended result code means (https://sqlite.org/rescode.html).
    ///
    /// Only what a statement or its values can be the cause of is `failed`, and may make a dead letter of an event.
    package init(sqlite code: Int32, _ message: String, outOfDescriptors: Bool = false) {
        self =
            switch code & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, SQLITE_SCHEMA: .busy
            case SQLITE_FULL: .full
            // The index of the log is to grow, and there is no space for it.
            case SQLITE_IOERR where code == ioErrorShmSize: .full
            case SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_ABORT: .overloaded
            case SQLITE_IOERR where code == ioErrorNoMemory: .overloaded
            case SQLITE_CANTOPEN where outOfDescriptors: .overloaded
            case SQLITE_IOERR where code == ioErrorData: .corrupt(message)
            case SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_NOLFS: .inputOutput("\(message) (\(code))")
            // The daemons' own tables have neither triggers nor checks.
            case SQLITE_CONSTRAINT where code == constraintTrigger || code == constraintCheck:
                .foreignConstraint(
                    "\(message) (SQLite \(code)): a \(code == constraintTrigger ? "trigger" : "CHECK constraint") in the database that is not the "
                        + "daemon's refused it; remove it")
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt(message)
            default: .failed("\(message) (SQLite \(code))")
            }
    }
}

// Swift does not see the macros of sqlite3.h that compute something.
private let ioErrorNoMemory = SQLITE_IOERR | 12 << 8
private let ioErrorShmSize = SQLITE_IOERR | 19 << 8
private let constraintTrigger = SQLITE_CONSTRAINT | 7 << 8
private let constraintCheck = SQLITE_CONSTRAINT | 1 << 8
/// A checksum is wrong.
private let ioErrorData = SQLITE_IOERR | 30 << 8
