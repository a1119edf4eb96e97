import PostgreSQL
import Synchronization

/// One service's database on a PostgreSQL server, and the lock on the directory that holds the name of this instance.
///
/// One process writes it, as with a file; another one that is started on it ends (see `WriterLock`).
package final class PostgreSQLEngine: DatabaseEngine {
    private let settings: PostgreSQLSettings
    private let lock: Mutex<DirectoryLock?>

    /// Where a database is, and who asks for it. It describes itself by the name alone.
    package struct Address: Sendable, CustomStringConvertible {
        /// As libpq reads it ("Connection Strings").
        let connection: String
        /// Beats one in `connection`.
        let password: String?
        /// What the server shows of its sessions.
        let name: String

        package init(connection: String, password: String?, name: String) {
            (self.connection, self.password, self.name) = (connection, password, name)
        }

        package var description: String { name }

        var settings: PostgreSQLSettings { PostgreSQLSettings(connection: connection, password: password, applicationName: name) }
    }

    /// Locks `directory`, which is made where it is missing (mode 0750). Connects to nothing.
    package init(_ address: Address, directory: String) throws {
        settings = address.settings
        lock = Mutex(try DirectoryLock(directory: directory))
    }

    package func openWriter(_ schema: Schema) throws -> any SQLConnection {
        let connection = try PostgreSQLConnection(settings, lock: WriterLock(application: schema.applicationID))
        try schema.migrate(connection)
        return connection
    }

    package func openReader() throws(StoreError) -> any SQLConnection {
        do {
            return try PostgreSQLConnection(settings)
        } catch .refused(let what) {
            // The writer was let in with the same settings: somebody is changing them, which must not end the service.
            throw .unavailable(what)
        }
    }

    package var replacedFile: String? { nil }

    package func close() {
        lock.withLock { $0 = nil }
    }
}
