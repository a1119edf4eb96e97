import CSQLite
import Glibc

extension SQLDatabase {
    /// How many pages are copied before somebody may say that the copy is not wanted any more.
    private static var pagesAtOnce: Int32 { 1000 }

    /// Makes a copy of one state of the database while it is written on (sqlite.org/backup.html), complete and durable when this returns.
    ///
    /// Blocks for as long as it takes to read all of it; the write-ahead log grows meanwhile.
    /// - Throws: a `CopyError`, a `StoreError`, or a `CancellationError`; then no file is left behind.
    package func copy(to path: String, isCanceled: () -> Bool) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw CopyError(path: path, code: errno) }
        defer { _ = Glibc.close(descriptor) }
        do {
            // The process's mask is stricter than a copy needs to be, which a group may keep.
            fchmod(descriptor, 0o640)
            try read { snapshot in
                guard let connection = snapshot.connection as? SQLiteConnection else { preconditionFailure("only SQLite's are files") }
                try connection.copy(to: path, pagesAtOnce: Self.pagesAtOnce, isCanceled: isCanceled)
            }
            guard fsync(descriptor) == 0 else { throw CopyError(path: path, code: errno) }
        } catch {
            unlink(path)
            throw error
        }
    }
}

/// A copy cannot be made where it was asked for.
package struct CopyError: Error, CustomStringConvertible {
    package let description: String

    package init(path: String, code: CInt) {
        self.init(path: path, reason: String(cString: strerror(code)))
    }

    package init(path: String, reason: String) {
        description = "\(path) cannot be written: \(reason)"
    }

    /// From SQLite's result code. It need not be the database that is at fault, so it is no error of that.
    init(_ code: Int32, of path: String) {
        description = "\(path) cannot be written: \(String(cString: sqlite3_errstr(code)))"
    }
}
