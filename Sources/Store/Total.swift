/// A change of a durable total, gathered until the commit.
struct Count {
    let name: StaticString
    let change: Int64
}

extension Snapshot {
    /// All durable totals.
    package func totals() throws(StoreError) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: try connection.all("SELECT name, value FROM total") { try ($0.text(0), $0.integer(1)) })
    }
}
