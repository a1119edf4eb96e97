internal import Glibc

/// The address in `NOTIFY_SOCKET`: a datagram socket in the file system (`/…`) or in the abstract namespace (`@…`).
///
/// Written here rather than taken from libsystemd because `sd_notify` finds its socket in the environment of the process and may
/// wait for it without end. No descriptor is held between messages: they are rare, and the service manager may be replaced at any time.
struct NotifySocket: Sendable {
    /// PID 1 reads this socket all the time; where it does not, a message is not worth more of our time than this.
    private static let sendTimeout = timeval(tv_sec: 2, tv_usec: 0)

    private let path: [UInt8]

    /// `nil` for an address of another kind, or one that is too long.
    init?(address: String) {
        var bytes = Array(address.utf8)
        guard bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "/"): break
        case UInt8(ascii: "@"): bytes[0] = 0
        default: return nil
        }
        path = bytes
    }

    /// Whether the kernel took the message.
    func send(_ message: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var timeout = Self.sendTimeout
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))

        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        // An abstract name is as long as the address says, without a terminating zero (unix(7)).
        let length = MemoryLayout<sa_family_t>.size + path.count

        let bytes = Array(message.utf8)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                while true {
                    let sent = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, socklen_t(length))
                    if sent >= 0 { return true }
                    if errno != EINTR { return false }
                }
            }
        }
    }
}
