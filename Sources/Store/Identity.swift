import Wire

extension Snapshot {
    /// The id of this database, made with it: who follows its log tells it by that from another in its place.
    package func logID() throws(StoreError) -> UInt128? {
        switch connection.dialect {
        case .sqlite: try connection.first("SELECT value FROM meta WHERE name = 'log_id'") { try $0.bits(0) }
        case .postgresql: try connection.first("SELECT id FROM log") { try $0.bits(0) }
        }
    }
}

extension WriteTransaction {
    /// True the first time, with a new database: then what is applied only once is to be applied.
    package func initialize() throws(StoreError) -> Bool {
        let id: ID<Never> = ids.next(at: now)
        return switch connection.dialect {
        case .sqlite: try connection.run("INSERT INTO meta VALUES ('log_id', ?) ON CONFLICT DO NOTHING", .bits(id.bits)) == 1
        case .postgresql: try connection.run("INSERT INTO log SELECT ? WHERE NOT EXISTS (SELECT 1 FROM log)", .bits(id.bits)) == 1
        }
    }
}
