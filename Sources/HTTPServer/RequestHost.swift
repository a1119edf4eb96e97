import Glibc
import HTTPTypes
import Hummingbird

/// Whom a request is for: a host and perhaps a port (RFC 9110, section 7.2).
struct RequestHost: Equatable {
    /// In lower case; an IPv6 address with its brackets.
    let name: Substring
    let port: Int?

    /// nil where the text is none: `a b`, `a:b`, `[::1`.
    init?(_ text: String) {
        let text = text.lowercased()
        var rest = text[...]
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"), RequestHost.isAddress(text[..<end].dropFirst(), AF_INET6) else { return nil }
            name = text[...end]
        } else {
            name = text.prefix { $0 != ":" }
            guard name.utf8.allSatisfy(RequestHost.isNameByte) else { return nil }
        }
        rest = rest.dropFirst(name.count)
        guard let colon = rest.first else {
            port = nil
            return
        }
        rest = rest.dropFirst()
        guard colon == ":", rest.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            rest.isEmpty || UInt16(rest) != nil
        else { return nil }
        port = Int(rest)
    }

    var isAddress: Bool { name.hasPrefix("[") || RequestHost.isAddress(name, AF_INET) }

    private static func isAddress(_ text: Substring, _ family: CInt) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: MemoryLayout<in6_addr>.size, alignment: 8) { address in
            inet_pton(family, String(text), address.baseAddress) == 1
        }
    }

    /// The characters of a registered name (RFC 3986, section 3.2.2).
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._~%!$&'()*+,;=".utf8.contains(byte)
        }
    }
}

/// Keeps the pages that somebody looks at in a browser from using a service that listens for programs.
package struct BrowserRule: Sendable {
    private let allowedHosts: Set<String>

    /// - Parameter allowedHosts: further names of the hosts that requests to a loopback address may be for.
    package init(allowedHosts: Set<String> = []) {
        self.allowedHosts = Set(allowedHosts.map { $0.lowercased() })
    }

    /// - Throws: 403 for a page of somebody else (a form or a script needs no permission to send); 421 where a name that somebody
    ///   else owns was made to mean this machine (DNS rebinding), which only one that no other machine can reach takes for certain.
    func check(_ request: Request, for host: RequestHost, at listener: ListenerReach) throws(ProblemError) {
        if listener == .local { return }
        if listener == .loopback {
            guard host.isAddress || host.name == "localhost" || allowedHosts.contains(String(host.name)) else {
                throw ProblemError(
                    .misdirectedRequest, "this service is no host \(host.name.prefix(64)); name it in the configuration's allowedHosts")
            }
        }
        guard let origin = request.headers.value(of: .origin) else { return }
        let parts = origin.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let defaultPort = ["http": 80, "https": 443][parts[0].lowercased()]
        guard parts.count == 2, let defaultPort, let own = RequestHost(String(parts[1])), own.name == host.name,
            own.port ?? defaultPort == host.port ?? defaultPort
        else { throw ProblemError(.forbidden, "pages of another origin may not use this service") }
    }
}
