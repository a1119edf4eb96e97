import Foundation

/// Loopback ports that nobody listens on.
///
/// Not those the kernel gives for port 0: they come from the range of outgoing connections, of which a test makes many, so such a
/// port could be taken again before the daemon binds it or while the daemon is restarted (ip(7), `ip_local_port_range`).
package enum FreePort {
    package static func choose() throws -> Int {
        for port in (0..<100).map({ _ in Int.random(in: 10_000..<32_000) }) where isFree(port) { return port }
        throw POSIXError(.EADDRINUSE)
    }

    private static func isFree(_ port: Int) -> Bool {
        (try? ListeningSocket(port: port)) != nil
    }
}

/// A socket that listens and never answers by itself.
package final class ListeningSocket: Sendable {
    let descriptor: Int32

    /// On loopback.
    package init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        try begin(at: &address)
    }

    package init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try begin(at: &address)
    }

    deinit {
        close(descriptor)
    }

    private func begin<Address>(at address: inout Address) throws {
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) }
        }
        guard bound == 0, listen(descriptor, SOMAXCONN) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
}
