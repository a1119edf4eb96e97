import Foundation

/// A directory for one test, removed with it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/saga-store-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func mode(of name: String) throws -> mode_t {
        var status = stat()
        guard stat(path + "/" + name, &status) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return status.st_mode & 0o7777
    }
}
