/// What keeps one service's database, and opens connections to it. Owned by the `SQLDatabase`, which closes it last.
package protocol DatabaseEngine: Sendable {
    /// Opens the one connection that writes, of a database that is checked and has all tables of the schema. Called once.
    func openWriter(_ schema: Schema) throws -> any SQLConnection

    /// Opens one more connection that only reads.
    func openReader() throws(StoreError) -> any SQLConnection

    /// A file in use that was removed or replaced, so that another process could be let in and nothing that is written would be found
    /// again; nil while there is none.
    var replacedFile: String? { get }

    /// Lets go of what kept others out, after the last connection was closed.
    func close()
}
