package import NIOCore

/// Who can reach a listener, by its address.
package enum ListenerReach: Sendable {
    /// A Unix socket's: no page in a browser.
    case local
    /// Programs of this machine alone (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3).
    case loopback
    case network

    package init(_ address: SocketAddress?) {
        switch address {
        case .unixDomainSocket, nil: self = .local
        case .v4, .v6:
            let text = address?.ipAddress ?? ""
            let isLoopback = text.hasPrefix("127.") || text == "::1" || text.hasPrefix("::ffff:127.")
            self = isLoopback ? .loopback : .network
        }
    }
}
