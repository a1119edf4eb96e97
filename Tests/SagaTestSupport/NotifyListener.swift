import Foundation

/// The service manager's side of `NOTIFY_SOCKET`: a bound datagram socket and everything that has arrived on it, in order.
package final class NotifyListener: Sendable {
    /// What `NOTIFY_SOCKET` says.
    package let path: String
    package let messages = Observed<[String]>([])
    private let descriptor: CInt

    package init(path: String) throws {
        self.path = path
        unlink(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard bound == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        self.descriptor = descriptor
        Thread.detachNewThread { [messages] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count <= 0 { break }
                messages.change { $0.append(String(decoding: buffer[..<count], as: UTF8.self)) }
            }
            close(descriptor)
        }
    }

    deinit {
        unlink(path)
        shutdown(descriptor, Int32(SHUT_RD))
    }

    /// Waits for a message with this assignment, such as `READY=1`, and gives back its place among all messages.
    @discardableResult
    package func message(
        with assignment: String, after place: Int = -1, within limit: Duration = .seconds(30)
    ) async throws -> Int {
        try await messages.wait(for: assignment, within: limit) { messages in
            messages.indices.first { $0 > place && messages[$0].split(separator: "\n").contains(Substring(assignment)) }
        }
    }
}
