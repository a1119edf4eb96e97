import NIOCore
import NIOEmbedded
import DirectTransport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct FrameInboxTests {
    @Test func aFullInboxIsNotReadIntoUntilItIsEmptied() async throws {
        let inbox = FrameInbox(fullAt: 1000)
        let reads = ReadCounter()
        let channel = await NIOAsyncTestingChannel(handlers: [reads, inbox])
        try await channel.connect(to: SocketAddress(unixDomainSocketPath: "/peer")).get()
        let first = try await reads.count(on: channel)
        for _ in 0..<3 { try await channel.writeInbound(ByteBuffer(repeating: 0, count: 400)) }
        // After the third there is more than enough.
        #expect(try await reads.count(on: channel) == first + 2)
        guard case .frames(let frames) = await inbox.next() else {
            Issue.record("no frames")
            return
        }
        #expect(frames.map(\.readableBytes) == [400, 400, 400])
        #expect(try await reads.count(on: channel) == first + 3)
        try await channel.writeInbound(ByteBuffer(repeating: 0, count: 400))
        #expect(try await reads.count(on: channel) == first + 4)
        _ = try await channel.finish()
    }

    @Test func whatArrivedBeforeTheEndIsDeliveredBeforeIt() async throws {
        let inbox = FrameInbox(fullAt: 1000)
        let channel = await NIOAsyncTestingChannel(handlers: [inbox])
        try await channel.connect(to: SocketAddress(unixDomainSocketPath: "/peer")).get()
        try await channel.writeInbound(ByteBuffer(repeating: 0, count: 1))
        _ = try await channel.finish()
        guard case .frames = await inbox.next(), case .ended("the connection was closed") = await inbox.next() else {
            Issue.record("not in this order")
            return
        }
    }

    @Test func aStopWakesTheOneWhoWaits() async {
        let inbox = FrameInbox(fullAt: 1000)
        async let arrival = inbox.next()
        inbox.stop()
        guard case .stopped = await arrival else {
            Issue.record("not stopped")
            return
        }
    }

    /// Confined to the channel's event loop.
    private final class ReadCounter: ChannelOutboundHandler, @unchecked Sendable {
        typealias OutboundIn = ByteBuffer
        private var reads = 0

        func read(context: ChannelHandlerContext) {
            reads += 1
        }

        func count(on channel: NIOAsyncTestingChannel) async throws -> Int {
            await channel.testingEventLoop.run()
            return try await channel.testingEventLoop.executeInContext { self.reads }
        }
    }
}
