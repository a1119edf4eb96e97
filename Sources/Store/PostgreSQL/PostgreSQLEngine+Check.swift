extension PostgreSQLEngine {
    /// Connects and looks whether a service could work with the database; changes nothing.
    ///
    /// - Returns: what would keep it from that, and what an operator should know.
    package static func check(_ address: Address, _ schema: Schema) -> (problems: [String], warnings: [String]) {
        do {
            let connection = try PostgreSQLConnection(address.settings)
            if try schema.version(in: connection) < schema.migrations.count, try !connection.mayCreateTables() {
                return (["store.connection: the user may make no tables there: GRANT CREATE ON SCHEMA, or make it the owner"], [])
            }
            return ([], try connection.keepsEverythingTwice() ? [] : [Self.oneCopy])
        } catch {
            return (["store.connection: \(error)"], [])
        }
    }

    /// Where what was answered is in one place only.
    private static let oneCopy =
        "synchronous_standby_names is empty: what was answered last is lost with the server of the database, where a standby takes its place"
}

extension PostgreSQLConnection {
    fileprivate func mayCreateTables() throws(StoreError) -> Bool {
        try first("SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)") { try $0.integer(0) } == 1
    }

    fileprivate func keepsEverythingTwice() throws(StoreError) -> Bool {
        try first("SELECT current_setting('synchronous_standby_names')") { try $0.text(0) }?.isEmpty == false
    }
}
