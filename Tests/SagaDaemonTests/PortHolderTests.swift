import Glibc
import NIOCore
import NIOPosix
import Testing

import Posix

@Suite struct PortHolderTests {
    @Test func `Who listens on a port is named`() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        #expect(PortHolder.description(port: port)?.hasPrefix("process \(getpid()) (") == true)
        try await listener.close()
    }
}
