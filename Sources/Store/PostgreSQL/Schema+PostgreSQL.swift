import PostgreSQL

extension Schema {
    /// What stands in for the header of SQLite's file, and for a value in `meta` that is no number there.
    private static let frame = """
        CREATE TABLE schema_version (version BIGINT NOT NULL, application BIGINT NOT NULL);
        CREATE TABLE log (id BYTEA NOT NULL);
        CREATE TABLE writer (commits BIGINT NOT NULL);
        INSERT INTO writer VALUES (0);
        """

    /// Brings a database to the present version, in one transaction.
    func migrate(_ connection: PostgreSQLConnection) throws(StoreError) {
        let found = try version(in: connection)
        let supported = Int64(migrations.count)
        guard found <= supported else { throw .newerSchema(found: found, supported: supported) }
        guard found < supported else { return }
        do {
            try connection.execute("BEGIN")
            if found == 0 {
                try connection.execute(Self.frame)
                try connection.run("INSERT INTO schema_version VALUES (0, ?)", .integer(Int64(applicationID)))
            }
            for migration in migrations[Int(found)...] { try connection.execute(migration) }
            try connection.run("UPDATE schema_version SET version = ?", .integer(supported))
            try connection.execute("COMMIT")
        } catch {
            connection.rollBack()
            throw error
        }
    }

    /// The version that is there; 0 for a schema that is empty.
    func version(in connection: PostgreSQLConnection) throws(StoreError) -> Int64 {
        let tables = Set(
            try connection.all("SELECT CAST(tablename AS text) FROM pg_tables WHERE schemaname = current_schema()") { try $0.text(0) })
        guard tables.contains("schema_version") else {
            if let table = tables.first { throw .foreignDatabase("it has a table \(table), and no schema_version; use one of its own") }
            return 0
        }
        let found = try connection.first("SELECT version, application FROM schema_version") { try ($0.natural(0), $0.integer(1)) }
        guard let found else { throw .corrupt("schema_version is empty") }
        guard found.1 == Int64(applicationID) else {
            throw .foreignDatabase(
                "its application id is \(found.1), not \(applicationID); {service} in store.connection gives each service its own")
        }
        return found.0
    }
}
