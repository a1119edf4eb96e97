/// The tables of one database.
///
/// A database knows how many of its migrations were applied. A migration, once released, is never edited.
package struct Schema: Sendable {
    /// Each runs once, in order, in one transaction.
    package let migrations: [String]
    /// The first of its own tables, by which it is known; nil where it has none.
    let ownTable: Substring?

    /// - Parameters:
    ///   - shared: tables that all databases of the suite have; `meta` and `total` are made before them.
    ///   - own: tables that this one has from the start.
    package init(shared: String, own: String, later: [String]) {
        ownTable = own.firstRange(of: "CREATE TABLE ").map { own[$0.upperBound...].prefix { $0 != " " } }
        migrations = [Schema.base + shared + own] + later
    }

    private static let base = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE total (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        """

    /// Tells a database of this service from those of others, which have the same shared tables: in the header of SQLite's file
    /// (sqlite.org/pragma.html#pragma_application_id). Each service has its own: FNV-1a of its first table.
    var applicationID: Int32 {
        let hash = "sagad \(ownTable ?? "")".utf8.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return Int32(bitPattern: hash)
    }
}
