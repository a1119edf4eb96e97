package import Console
import Glibc

/// Where the page is served: an address that no other machine reaches.
package struct WebAddress: Equatable, Sendable {
    package let host: String
    package let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `127.0.0.1:8090`, `[::1]:8090` or `localhost:8090`; port 0 leaves the choice to the kernel.
    ///
    /// - Throws: where it is none of these, or others could come in by it.
    package init(_ text: String) throws(Failure) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            text[text.index(after: colon)...].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else {
            throw Failure(.usage, "--listen takes HOST:PORT, and no \(text)", advice: "for example 127.0.0.1:8090")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) } else if host.contains(":") { host = "" }
        if host == "localhost" { host = "127.0.0.1" }
        guard WebAddress.isLoopback(host) else {
            throw Failure(
                .usage, "--listen takes only a loopback address, and no \(text)",
                advice: "what the page shows is for this machine alone; from another one, use ssh -L 8090:127.0.0.1:8090")
        }
        self.init(host: host, port: Int(port))
    }

    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func isLoopback(_ host: String) -> Bool {
        var address = in_addr()
        if inet_pton(AF_INET, host, &address) == 1 { return UInt32(bigEndian: address.s_addr) >> 24 == 127 }
        var address6 = in6_addr()
        guard inet_pton(AF_INET6, host, &address6) == 1 else { return false }
        return withUnsafeBytes(of: address6) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }
}
