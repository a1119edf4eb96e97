package import AdminAPI
import FoundationEssentials
import Glibc
import Synchronization
import Wire

/// The two standard streams, written at once and without a buffer: a line of `orders watch` is in the pipe when the order changes.
///
/// What cannot be written to standard output ends the command; on standard error there is nobody left to tell.
package enum Output {
    private static let written = Atomic(false)
    private static let hasPassingLine = Mutex(false)

    /// Whether anything went to standard output.
    package static var hasWritten: Bool { written.load(ordering: .relaxed) }

    package static func write(_ text: String) throws(Failure) {
        written.store(true, ordering: .relaxed)
        passingLine(nil)
        guard !write(Array(text.utf8), to: STDOUT_FILENO) else { return }
        if errno == EPIPE {
            // Nobody reads any more: the end of every program in a pipe, though the networking library has switched it off.
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        }
        throw Failure(.outputFailed, "cannot write to standard output: \(String(cString: strerror(errno)))")
    }

    package static func line(_ text: String) throws(Failure) { try write(text + "\n") }

    /// One JSON document on one line.
    package static func json(_ value: some Encodable) throws { try line(try text(of: value)) }

    /// What a terminal would obey is escaped in strings, and it stands nowhere else.
    package static func text(of value: some Encodable) throws -> String {
        String(decoding: try AdminJSON.encode(value), as: UTF8.self).jsonEscaped
    }

    /// Line ends are the writer's own; whatever else a terminal would obey came from outside.
    package static func error(_ message: String) {
        passingLine(nil)
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
        write(Array("sagactl: \(lines.joined(separator: "\n"))\n".utf8), to: STDERR_FILENO)
    }

    /// What is wrong with several daemons, each trouble once.
    package static func errors(_ errors: [AdminError]) {
        for line in Failure(errors: errors).lines { error(line.text) }
    }

    /// What a terminal shows on standard error until something else is written; nil takes it away.
    package static func passingLine(_ text: String?) {
        hasPassingLine.withLock { isShown in
            guard isShown || text != nil else { return }
            write(Array("\r\u{1B}[K\(text ?? "")".utf8), to: STDERR_FILENO)
            isShown = text != nil
        }
    }

    /// A question, without a line end, where it does not mix with the answer.
    package static func prompt(_ question: String) { write(Array(question.utf8), to: STDERR_FILENO) }

    /// - Returns: false, and `errno`, if not all of it could be written.
    @discardableResult
    private static func write(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}
