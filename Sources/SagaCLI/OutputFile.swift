import Console
import Glibc

/// A file that a command was asked to write. A picture or an export that cannot be written in full ends the command with 74.
enum OutputFile {
    /// Makes the file or writes over it.
    static func write(_ text: String, to path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw failure(path) }
            rest = rest.dropFirst(written)
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(.outputFailed, "cannot write \(path): \(String(cString: strerror(errno)))")
    }
}
