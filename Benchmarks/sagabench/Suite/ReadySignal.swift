import Glibc
import NIOCore

/// The other end of `NOTIFY_SOCKET` (sd_notify(3)) for one daemon: tells when it said READY=1.
final class ReadySignal: Sendable {
    let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        unlink(path)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchError("no socket to be had", errno: errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8) + [0]
        guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else {
            throw BenchError("\(path) is too long for a socket: set TMPDIR to a shorter directory")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else { throw BenchError("\(path) could not be bound", errno: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Returns when READY=1 came.
    func received(within limit: Duration) async throws -> NIODeadline {
        try await BlockingWork.run { [self] in
            let end = NIODeadline.now() + .nanoseconds(Int64(limit / .nanoseconds(1)))
            var message = [UInt8](repeating: 0, count: 4096)
            while true {
                let left = (end - .now()).nanoseconds / 1_000_000
                guard left > 0 else { throw BenchError("a daemon did not become ready within \(limit); its log may say why (--keep)") }
                var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&waiting, 1, Int32(min(left, 1000))) > 0 else { continue }
                let count = recv(descriptor, &message, message.count, 0)
                let now = NIODeadline.now()
                guard count > 0 else { continue }
                if String(decoding: message[..<count], as: UTF8.self).split(separator: "\n").contains("READY=1") { return now }
            }
        }
    }
}
