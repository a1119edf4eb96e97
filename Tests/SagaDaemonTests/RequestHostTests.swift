import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import HTTPServer

@Suite struct RequestHostTests {
    @Test(
        arguments: [
            ("localhost", "localhost", nil), ("LocalHost:8081", "localhost", 8081), ("127.0.0.1:1", "127.0.0.1", 1),
            ("[::1]", "[::1]", nil),
            ("[::1]:65535", "[::1]", 65535), ("a.example:", "a.example", nil), ("", "", nil),
        ] as [(String, String, Int?)])
    func `a host is a name or an address, and perhaps a port`(_ text: String, _ name: String, _ port: Int?) throws {
        let host = try #require(RequestHost(text))
        #expect(host.name == name)
        #expect(host.port == port)
    }

    @Test(arguments: ["a b", "a:b", "a:1:2", "a:65536", "a:-1", "[::1", "[::1]x", "[a]", "::1", "a/b", "a@b", "a,b ", "ü", "a\u{0}"])
    func `what is no host is refused`(_ text: String) {
        #expect(RequestHost(text) == nil)
    }

    private func status(host: String, origin: String?, at address: SocketAddress?) throws -> Int {
        var head = HTTPRequest(method: .get, scheme: nil, authority: host, path: "/livez")
        head.headerFields[.origin] = origin
        do {
            try BrowserRule(allowedHosts: ["Box.example"]).check(
                Request(head: head, body: .init(buffer: ByteBuffer())), for: try #require(RequestHost(host)), at: ListenerReach(address))
            return 200
        } catch let error as ProblemError {
            return error.status.code
        }
    }

    @Test(arguments: [
        ("localhost:8081", 200), ("LOCALHOST", 200), ("127.0.0.1", 200), ("192.0.2.1:80", 200), ("[::1]:8081", 200), ("box.example:1", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example", 421), ("localhost.", 421), ("2130706433", 421),
        ("x.box.example", 421), ("", 421),
    ])
    func `on a loopback address a name must be known`(_ host: String, _ expected: Int) throws {
        for address in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            #expect(try status(host: host, origin: nil, at: SocketAddress(ipAddress: address, port: 8081)) == expected)
        }
        #expect(try status(host: host, origin: nil, at: SocketAddress(ipAddress: "0.0.0.0", port: 8081)) == 200)
        #expect(try status(host: host, origin: nil, at: SocketAddress(unixDomainSocketPath: "/admin.sock")) == 200)
    }

    @Test(arguments: [
        ("localhost:8081", "http://localhost:8081", 200), ("localhost:8081", "HTTP://LOCALHOST:8081", 200),
        ("orders.example", "https://orders.example", 200), ("orders.example:443", "https://orders.example", 200),
        ("orders.example", "http://orders.example:80", 200), ("[::1]:1", "http://[::1]:1", 200),
        ("localhost:8081", "http://localhost", 403), ("localhost:8081", "http://localhost:8082", 403),
        ("localhost:8081", "http://127.0.0.1:8081", 403), ("localhost:8081", "http://evil.example", 403), ("localhost:8081", "null", 403),
        ("localhost:8081", "", 403), ("localhost:8081", "localhost:8081", 403), ("localhost:8081", "ftp://localhost:8081", 403),
        ("localhost:8081", "http://localhost:8081/", 403), ("localhost:8081", "http://localhost:8081, http://evil.example", 403),
        ("orders.example:80", "https://orders.example", 403),
    ])
    func `a page of another origin is refused`(_ host: String, _ origin: String, _ expected: Int) throws {
        #expect(try status(host: host, origin: origin, at: SocketAddress(ipAddress: "192.0.2.1", port: 8081)) == expected)
        #expect(try status(host: host, origin: origin, at: SocketAddress(unixDomainSocketPath: "/admin.sock")) == 200)
    }
}
