import PostgreSQL

extension SQLValue {
    var parameter: PostgreSQLParameter {
        switch self {
        case .null: .null
        case .integer(let value): .integer(value)
        case .text(let value): .text(value)
        case .bytes(let value): .bytes(value)
        case .bits(let value): .bits(value)
        }
    }
}
