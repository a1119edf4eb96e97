import SagaStore
import Store

extension Database {
    /// Sixteen times what makes SQLite empty it, and more than what it is cut down to.
    private static let largestLog: Int64 = 256 << 20

    /// That something keeps the write-ahead log from being emptied, in words; nil while it is of the usual size.
    var logCondition: String? {
        guard let file = engine as? SQLiteEngine, case let size = file.logSize, size > Self.largestLog else { return nil }
        return "the write-ahead log has grown to \(size >> 20) MiB: something keeps reading \(file.path): fuser -v \(file.path)"
    }
}
