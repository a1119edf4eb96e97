import CSQLite
import Glibc
import Ownership
import Synchronization

/// One service's database as a file of SQLite's, and the lock on its directory.
///
/// There is one process per database and one connection that writes it (an old bug of SQLite's write-ahead log needs two).
package final class SQLiteEngine: DatabaseEngine {
    private let lock: Mutex<DirectoryLock?>
    private let files: Mutex<FileIdentities?>
    private let directory: String
    package let path: String

    /// Locks `directory`, which is made where it is missing (mode 0750), and makes the file where it is.
    package init(directory: String) throws {
        let lock = try DirectoryLock(directory: directory)
        path = directory + "/saga.db"
        for file in [path, path + "-wal", path + "-shm"] { try lock.check(file) }
        // SQLite would make it readable for everybody, but for the process's mask; its log and index get the mode of the file.
        try lock.makeFile(path)
        try LeftoverLog.makeDurable(path)
        self.directory = directory
        self.lock = Mutex(lock)
        files = Mutex(nil)
    }

    /// Of the SQLite that is loaded.
    package static var libraryVersion: String { String(cString: sqlite3_libversion()) }

    package func openWriter(_ schema: Schema) throws -> any SQLConnection {
        let connection = try SQLiteConnection(path: path, role: .writer)
        try Self.check(connection, path: path)
        try schema.migrate(connection)
        files.withLock { $0 = FileIdentities([directory, directory + "/lock", path, path + "-wal", path + "-shm"]) }
        return connection
    }

    package func openReader() throws(StoreError) -> any SQLConnection {
        try SQLiteConnection(path: path, role: .reader)
    }

    package var replacedFile: String? { files.withLock { $0?.changed } }

    /// Of the write-ahead log; 0 where there is none.
    package var logSize: Int64 {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int64(status.st_size) : 0
    }

    package func close() {
        lock.withLock { $0 = nil }
    }

    private static let fullCheckLimit: Int64 = 32 << 20

    /// A damaged file is found now rather than later: a small one is checked in full, of a large one what every start reads.
    private static func check(_ connection: SQLiteConnection, path: String) throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size <= fullCheckLimit else { return }
        let problem = try connection.first("PRAGMA quick_check(1)") { try $0.text(0) }
        guard problem == "ok" else { throw .corrupt(problem ?? "no answer to quick_check") }
    }
}
