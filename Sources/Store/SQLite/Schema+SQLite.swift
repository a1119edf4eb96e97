extension Schema {
    /// Brings a database to the present version, which is in `PRAGMA user_version`. All or nothing: a crash in between leaves the old version.
    package func migrate(_ connection: SQLiteConnection) throws(StoreError) {
        let found = try connection.first("PRAGMA user_version") { try $0.integer(0) } ?? 0
        let supported = Int64(migrations.count)
        guard found >= 0 else { throw .corrupt("schema version \(found)") }
        // Another service's is of no use in any version.
        let isMarked = try recognize(connection)
        guard found <= supported else { throw .newerSchema(found: found, supported: supported) }
        guard found < supported || !isMarked else { return }
        try connection.execute("BEGIN IMMEDIATE")
        do {
            for migration in migrations[Int(found)...] { try connection.execute(migration) }
            try connection.execute("PRAGMA user_version = \(supported); PRAGMA application_id = \(applicationID)")
            try connection.execute("COMMIT")
        } catch {
            if connection.isInTransaction { try? connection.execute("ROLLBACK") }
            throw error
        }
    }

    /// Tells a database of this service from those of others, which have the same shared tables.
    ///
    /// - Returns: false for one that is new, and for one without a mark: 0.1.0 made none, and a copy by way of SQL text loses it.
    private func recognize(_ connection: SQLiteConnection) throws(StoreError) -> Bool {
        let id = try connection.first("PRAGMA application_id") { try $0.integer(0) } ?? 0
        if id == applicationID { return true }
        let tables = Set(try connection.all("SELECT name FROM sqlite_schema WHERE type = 'table'") { try $0.text(0) })
        if id == 0, tables.isEmpty { return false }
        guard id == 0, ownTable.map({ tables.isSuperset(of: ["meta", String($0)]) }) ?? true else {
            throw .foreignDatabase(
                ownTable.map { "a database of this service would have a table \($0) and the application id \(applicationID), not \(id)" }
                    ?? "its application id is \(id)")
        }
        return false
    }
}
