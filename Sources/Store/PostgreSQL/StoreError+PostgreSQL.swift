import PostgreSQL

extension StoreError {
    /// What an error of the server's means while a service is at work.
    ///
    /// That something is refused then is a matter of time as well: somebody is changing rights or passwords, and it must not end the
    /// service. Only what a statement or its values can be the cause of is `failed`, and may make a dead letter of an event.
    init(_ error: PostgreSQLError) {
        self =
            switch error.kind {
            case .unavailable, .refused: .unavailable(error.description)
            // A key that is there already: nobody else writes, so that it will be there the next time as well.
            case .conflict where error.state == "23505": .failed(error.description)
            case .conflict: .conflict(error.description)
            case .full: .full
            case .corrupt: .corrupt(error.description)
            case .timedOut: .overloaded
            // The daemons' own tables have neither triggers nor checks: 23514 is check_violation, P0001 what a trigger raises.
            case .failed where ["23514", "P0001"].contains(error.state):
                .foreignConstraint(
                    "\(error.description): a trigger or a CHECK constraint in the database that is not the daemon's refused it; remove it")
            case .failed: .failed(error.description)
            }
    }
}
