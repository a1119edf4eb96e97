import Glibc

/// The bytes of a configuration file, read once and completely, or the reason why not.
enum ConfigurationFile {
    /// Far more than a real configuration needs, and little enough to hold and parse at once.
    static let maximumSize = 1 << 20

    enum Failure: Error, Equatable, CustomStringConvertible {
        case missing
        case isDirectory
        case tooLarge
        case system(errno: Int32)

        var description: String {
            switch self {
            case .missing: "does not exist"
            case .isDirectory: "is a directory, not a file"
            case .tooLarge: "is larger than \(maximumSize) bytes"
            case .system(let code): "cannot be read: \(String(cString: strerror(code)))"
            }
        }
    }

    static func contents(of path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .missing : .system(errno: errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw code == EISDIR ? .isDirectory : .system(errno: code)
            }
            bytes += chunk[..<count]
            if bytes.count > maximumSize { throw .tooLarge }
        }
    }
}
