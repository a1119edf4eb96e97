import AdminAPI
import FoundationEssentials
import Glibc

/// The two standard streams, written at once and without a buffer: a line of `orders watch` is in the pipe when the order changes.
enum Output {
    static func write(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }

    static func line(_ text: String) { write(text + "\n") }

    /// One JSON document on one line.
    static func json(_ value: some Encodable) throws {
        write(Array(try AdminJSON.encode(value)) + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
    }

    static func error(_ message: String) { write(Array("sagactl: \(message)\n".utf8), to: STDERR_FILENO) }

    /// A question, without a line end, where it does not mix with the answer.
    static func prompt(_ question: String) { write(Array(question.utf8), to: STDERR_FILENO) }

    private static func write(_ bytes: [UInt8], to descriptor: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            // Nobody reads any more: there is nothing left to say it to.
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
