import AdminAPI
import Console
import Glibc

/// A file of orders that are about to be deleted, one JSON document a line. What `add` has returned of is durable.
///
/// A file that is there is continued, so that a purge that was broken off loses nothing of what it had written; an order may be in it
/// twice then. Readable for its owner alone.
final class OrderExport: Sendable {
    /// An order with what the other services held of it.
    struct Entry: Encodable {
        let order: Order
        let reservation: Reservation?
        let payment: Payment?
    }

    private let path: String
    private let descriptor: CInt

    init(path: String) throws(Failure) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path) }
        try cutTornLine()
    }

    deinit { close(descriptor) }

    func add(_ entries: [Entry]) throws {
        var lines = ""
        for entry in entries { lines += try Output.text(of: entry) + "\n" }
        var rest = Array(lines.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Self.failure(path) }
            rest = rest.dropFirst(written)
        }
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw Self.failure(path) }
    }

    /// Its order was not purged, and comes again.
    private func cutTornLine() throws(Failure) {
        let size = lseek(descriptor, 0, SEEK_END)
        // Neither a pipe nor a terminal has an end.
        guard size > 0 else { return }
        var end = size
        var byte: UInt8 = 0
        while end > 0, pread(descriptor, &byte, 1, end - 1) == 1, byte != UInt8(ascii: "\n") { end -= 1 }
        guard end == size || ftruncate(descriptor, end) == 0 else { throw Self.failure(path) }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(
            .outputFailed, "cannot write \(path): \(String(cString: strerror(errno)))", advice: "nothing is purged that is not exported")
    }
}
