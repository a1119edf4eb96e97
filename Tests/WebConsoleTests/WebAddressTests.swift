import Console
import Testing

@testable import WebConsole

@Suite struct WebAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8090", WebAddress(host: "127.0.0.1", port: 8090)),
        ("127.9.9.9:1", WebAddress(host: "127.9.9.9", port: 1)),
        ("localhost:0", WebAddress(host: "127.0.0.1", port: 0)),
        ("[::1]:65535", WebAddress(host: "::1", port: 65535)),
    ])
    func `an address of this machine alone is taken`(text: String, address: WebAddress) throws {
        #expect(try WebAddress(text) == address)
    }

    @Test(arguments: [
        "0.0.0.0:8090", "192.168.1.2:8090", "[::]:8090", "[::ffff:127.0.0.1]:8090", "::1:8090", "example.org:8090", "127.0.0.1", "8090",
        ":8090",
        "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+80", "127.1:80", "127.0.0.1:80:80", "",
    ])
    func `any other is a usage error`(text: String) throws {
        let failure = try #require(throws: Failure.self) { try WebAddress(text) }
        #expect(failure.status == .usage)
    }

    @Test func `an address is written as a browser reads it`() {
        #expect(WebAddress(host: "::1", port: 8090).authority == "[::1]:8090")
        #expect(WebAddress(host: "127.0.0.1", port: 8090).authority == "127.0.0.1:8090")
    }
}
