import Foundation

/// The service manager's side of `NOTIFY_SOCKET`: a bound datagram socket and everything that arrives on it, in order.
final class NotifyListener: Sendable {
    enum Kind: CaseIterable { case path, abstract }

    /// What `NOTIFY_SOCKET` says.
    let address: String
    private let descriptor: CInt
    private let messages: AsyncStream<String>

    init(_ kind: Kind = .path) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("notify-\(UUID()).sock").path
        address = kind == .path ? path : "@" + path
        var bytes = Array(address.utf8)
        if kind == .abstract { bytes[0] = 0 }

        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let bound = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard bound == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno)!) }
        self.descriptor = descriptor

        let (messages, feed) = AsyncStream.makeStream(of: String.self)
        self.messages = messages
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count <= 0 { break }
                feed.yield(String(decoding: buffer[..<count], as: UTF8.self))
            }
            close(descriptor)
            feed.finish()
        }
    }

    deinit {
        if address.hasPrefix("/") { unlink(address) }
        shutdown(descriptor, Int32(SHUT_RD))
    }

    func next() async -> String? {
        var iterator = messages.makeAsyncIterator()
        return await iterator.next()
    }
}
