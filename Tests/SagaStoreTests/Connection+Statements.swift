import CSQLite

@testable import Store

extension SQLiteConnection {
    /// The texts of all statements prepared so far.
    var preparedStatements: [String] {
        statements.values.compactMap { sqlite3_sql($0.handle).map { String(cString: $0) } }
    }
}
