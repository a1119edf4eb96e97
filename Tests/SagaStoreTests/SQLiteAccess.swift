import CSQLite

@testable import Store

extension SQLConnection {
    /// The texts of all statements prepared so far.
    var preparedStatements: [String] {
        guard let connection = self as? SQLiteConnection else { return [] }
        return connection.statements.values.compactMap { sqlite3_sql($0.handle).map { String(cString: $0) } }
    }
}

extension SQLDatabase {
    /// Of SQLite's file; empty for another engine's.
    var path: String { (engine as? SQLiteEngine)?.path ?? "" }
}
