import NIOCore
import HTTPServer
import Testing

@Suite struct ClientAddressTests {
    private func client(_ address: String, port: Int = 1) throws -> ClientAddress {
        ClientAddress(try SocketAddress(ipAddress: address, port: port))
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("2001:db8:1:2::3", "2001:db8:1:2:ffff::4"), ("::ffff:192.0.2.1", "192.0.2.1"),
    ])
    func `these are one client, whatever their ports`(_ one: String, _ other: String) throws {
        #expect(try client(one, port: 4000) == client(other, port: 4001))
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.2"), ("2001:db8:1:2::3", "2001:db8:1:3::3"), ("::ffff:192.0.2.1", "192.0.2.2"), ("::1", "127.0.0.1"),
    ])
    func `these are two`(_ one: String, _ other: String) throws {
        #expect(try client(one) != client(other))
    }
}
