package import HTTPTypes
package import NIOCore

/// Turns requests away before they cost anything, when more come than can be done.
///
/// Asked on the event loops, for every request of every client: it must answer at once.
package protocol RequestGate: Sendable {
    /// Whether this is one of the requests it decides about.
    func guards(_ request: HTTPRequest) -> Bool

    /// The one that it guards.
    var route: String { get }

    /// Lets a request in (nil) or says with what it is refused. One that is let in is reported to `left` exactly once.
    func refusal(for client: ClientAddress) -> Refusal?

    /// A request that was let in is answered, or its client has gone away (no status).
    ///
    /// - Parameter delay: from its last byte to its answer.
    func left(_ status: HTTPResponse.Status?, after delay: Duration)

    /// What an operator should know of it; nil while everybody is let in.
    var condition: String? { get }
}

/// An answer that is made once and given many times.
package struct Refusal: Sendable {
    let head: HTTPResponse
    let body: ByteBuffer

    package init(_ problem: ProblemError) {
        body = problem.body
        var fields = problem.headers
        fields[.contentType] = ProblemError.contentType
        fields[.contentLength] = "\(body.readableBytes)"
        head = HTTPResponse(status: problem.status, headerFields: fields)
    }
}

/// Whom a connection belongs to, where clients are told apart: an IPv4 address, or the 64 bits of an IPv6 address that name a network,
/// since a host has as many addresses in its own as it likes. All of a Unix socket are one.
package struct ClientAddress: Hashable, Sendable {
    private let bits: UInt64

    package init(_ address: SocketAddress?) {
        // Where the addresses are in their structures: ip(7), ipv6(7).
        bits =
            switch address {
            case .v4(let v4):
                withUnsafeBytes(of: v4.address) { UInt64(UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self))) }
            case .v6(let v6):
                withUnsafeBytes(of: v6.address) { ClientAddress.network(UnsafeRawBufferPointer(rebasing: $0[8..<24])) }
            case .unixDomainSocket, nil: 0
            }
    }

    private static func network(_ address: UnsafeRawBufferPointer) -> UInt64 {
        let high = UInt64(bigEndian: address.loadUnaligned(as: UInt64.self))
        let low = UInt64(bigEndian: address.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        // An IPv4 client of a socket that speaks both (RFC 4291, section 2.5.5.2).
        return high == 0 && low >> 32 == 0xFFFF ? low & 0xFFFF_FFFF : high
    }
}
