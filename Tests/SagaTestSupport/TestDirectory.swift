import Foundation
import Synchronization

/// A directory for one test, with a path so short that sockets fit into it (unix(7)), gone when this object goes
/// unless it is to be kept.
package final class TestDirectory: Sendable {
    package let path: String
    private let isKept = Mutex(false)

    package init() throws {
        var template = Array("/tmp/saga-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if !isKept.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }

    /// For somebody who wants to see what happened.
    package func keep() {
        isKept.withLock { $0 = true }
    }

    package func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }
}
