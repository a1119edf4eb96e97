import SagaTestSupport

@testable import PostgreSQL

extension PostgreSQLServer {
    /// A session as the superuser.
    func session(
        _ database: String = "postgres", change: (inout PostgreSQLSettings) -> Void = { _ in }
    ) throws(PostgreSQLError) -> PostgreSQLSession {
        var settings = PostgreSQLSettings(connection: connection(database: database), applicationName: "test")
        // A test may wait for its turn longer than a service would.
        settings.idleInTransactionTimeout = .seconds(300)
        change(&settings)
        return try PostgreSQLSession(settings)
    }
}

extension PostgreSQLSession {
    func integers(_ sql: StaticString, _ parameters: [PostgreSQLParameter] = []) throws -> [Int64?] {
        var values: [Int64?] = []
        try query(sql, parameters) {
            values.append($0.integer(0))
            return true
        }
        return values
    }
}

/// What the body throws, which is to be PostgreSQL's error.
func failure(_ body: () throws -> Void) -> PostgreSQLError? {
    do {
        try body()
    } catch {
        return error as? PostgreSQLError
    }
    return nil
}
