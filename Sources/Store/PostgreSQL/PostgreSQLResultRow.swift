import PostgreSQL

/// The present row of a query's result.
final class PostgreSQLResultRow: ResultRow {
    var row: PostgreSQLRow
    private let sql: StaticString

    init(_ row: PostgreSQLRow, of sql: StaticString) {
        self.row = row
        self.sql = sql
    }

    func isNull(_ column: Int32) -> Bool { row.isNull(column) }
    func integer(_ column: Int32) -> Int64? { row.integer(column) }
    func text(_ column: Int32) -> String? { row.text(column) }
    func bytes(_ column: Int32) -> [UInt8]? { row.bytes(column) }
    func bits(_ column: Int32) -> UInt128? { row.bits(column) }
    func length(_ column: Int32) -> Int { max(0, row.length(column)) }

    func described(_ column: Int32) -> (name: String, value: String, query: String) {
        (row.name(column), row.shown(column), sql.description)
    }
}
