import PostgreSQL

extension SQLValue {
    var parameter: PostgreSQLParameter {
        switch self {
        case .null: .null
        case .integer(let value): .integer(value)
        case .text(let value): .text(value.utf8.contains(0) ? value.withoutZeros : value)
        case .bytes(let value): .bytes(value)
        case .bits(let value): .bits(value)
        }
    }
}

extension String {
    /// PostgreSQL's texts have no zero character. Only what was wrong with somebody's record can hold one here, and it is to be kept all the same.
    fileprivate var withoutZeros: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}
