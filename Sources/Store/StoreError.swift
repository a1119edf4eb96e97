/// What can go wrong with a database, told apart by what the caller can do about it.
package enum StoreError: Error, Equatable {
    /// Locked by somebody outside this process. Nothing was written; later may work.
    case busy
    /// Another transaction was in the way, again and again. Nothing was written; later may work.
    case conflict(String)
    /// The server of the database cannot be reached, or does not answer. Nothing was written; later may work.
    case unavailable(String)
    /// The disk is full. Nothing was written; works again when there is space.
    case full
    /// More work waits for the writer than it takes on, or memory or file descriptors ran out. Nothing was written; later may work.
    case overloaded
    /// Reading or writing the disk failed. Final: the process must end and not acknowledge anything more.
    case inputOutput(String)
    /// The file is damaged, or no database at all. Final.
    case corrupt(String)
    /// Written by a newer version. Final.
    case newerSchema(found: Int64, supported: Int64)
    /// A database of another service or of another program. Final.
    case foreignDatabase(String)
    /// A file that is in use was removed or replaced. Final: what is written would not be found again.
    case replaced(String)
    /// The state directory cannot be made or used. Final, and a matter of configuration.
    case unusableDirectory(String)
    /// Another process uses the directory, or the database. Final.
    case anotherInstance(using: String)
    /// The server of the database does not let this service in, or has not what it needs. Final, and a matter of configuration.
    case refused(String)
    /// Whether a transaction has become durable could not be found out. Final: nobody is answered, and the next start finds what is there.
    case outcomeUnknown(String)
    /// The database was closed, or has failed finally before.
    case closed
    /// A mistake in a statement or in what it was given; retrying does not help.
    case failed(String)
    /// A trigger or a check that is not the program's refused a change. For the work at hand the same as `failed`.
    case foreignConstraint(String)

    /// Not the fault of the work itself: it is to be tried again, for as long as it takes.
    package var isInfrastructure: Bool {
        switch self {
        case .failed, .foreignConstraint: false
        default: true
        }
    }

    /// No later work on this database can succeed.
    package var isFinal: Bool {
        switch self {
        case .inputOutput, .corrupt, .newerSchema, .foreignDatabase, .replaced, .unusableDirectory, .anotherInstance, .refused,
            .outcomeUnknown:
            true
        case .busy, .conflict, .unavailable, .full, .overloaded, .closed, .failed, .foreignConstraint: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .busy: "the database is locked by another process"
        case .conflict(let what): "another transaction was in the way again and again: \(what)"
        case .unavailable(let what): "the database is away: \(what)"
        case .refused(let what): "the database cannot be used: \(what)"
        case .outcomeUnknown(let what): "whether a transaction was made durable cannot be found out: \(what)"
        case .full: "the disk is full"
        case .overloaded: "the database cannot take on more work now"
        case .inputOutput(let what): "the disk failed: \(what)"
        case .corrupt(let what): "the database is damaged: \(what)"
        case .newerSchema(let found, let supported):
            "the database has schema version \(found), this program knows up to \(supported): install the newer version again"
        case .foreignDatabase(let what): "this is the database of another service or program: \(what)"
        case .replaced(let path):
            "\(path) was removed or replaced while it was in use: see where it has gone, and put it back before the next start"
        case .unusableDirectory(let what): "the state directory cannot be used: \(what)"
        case .anotherInstance(let what): "another instance is using \(what)"
        case .closed: "the database is closed"
        case .failed(let what), .foreignConstraint(let what): what
        }
    }
}
