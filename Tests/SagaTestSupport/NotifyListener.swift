import Foundation

/// The service manager's side of `NOTIFY_SOCKET`: a bound datagram socket and everything that has arrived on it, in order.
package final class NotifyListener: Sendable {
    /// What `NOTIFY_SOCKET` says.
    package let address: String
    package let messages = Observed<[String]>([])
    private let descriptor: CInt

    /// - Parameter address: a path, or a name in the abstract namespace, which begins with `@`.
    package init(address: String) throws {
        self.address = address
        let isPath = !address.hasPrefix("@")
        if isPath { unlink(address) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: (isPath ? address : "\0" + address.dropFirst()).utf8) }
        // The length counts: an abstract name may hold zeros, and those behind it would be part of it.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + address.utf8.count)
        let bound = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
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
        if !address.hasPrefix("@") { unlink(address) }
        shutdown(descriptor, Int32(SHUT_RD))
    }

    /// Waits for the first message that was not taken yet, and takes it.
    package func next() async throws -> String {
        try await messages.wait(for: "notification") { $0.isEmpty ? nil : $0.removeFirst() }
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
