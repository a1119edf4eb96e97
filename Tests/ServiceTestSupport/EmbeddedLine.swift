import HTTPServer
import NIOCore
import NIOEmbedded
import SagaTestSupport

/// A connection to a service in this process: bytes go straight into its handlers, and what comes out of them to the client.
final class EmbeddedLine: HTTPConnection.Line {
    private let channel: NIOAsyncTestingChannel

    /// Connects to what `pipeline` makes of it, and serves it until it ends.
    init(
        to pipeline: HTTPPipeline, places: ConnectionPlaces, at reach: ListenerReach, from address: SocketAddress,
        on loop: NIOAsyncTestingEventLoop, _ client: HTTPConnection.Incoming
    ) async throws {
        channel = NIOAsyncTestingChannel(loop: loop)
        channel.remoteAddress = address
        places.enter(channel)
        let connection = try await loop.flatSubmit { [channel] in pipeline.add(to: channel) }.get()
        try await loop.submit { [channel] in
            try channel.pipeline.syncOperations.addHandler(ClientEnd(client), position: .first)
        }.get()
        try await channel.connect(to: address).get()
        Task { await pipeline.serve(connection, at: reach) }
    }

    func send(_ bytes: [UInt8]) async throws {
        // Whoever sends to a connection that was closed hears of that when it reads.
        _ = try? await channel.writeInbound(ByteBuffer(bytes: bytes))
    }

    func finish() async throws {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    func close() {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        channel.close(promise: nil)
    }

    /// The other end of the connection: it closes its side when the server has.
    private final class ClientEnd: ChannelOutboundHandler, ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = IOData

        private let client: HTTPConnection.Incoming

        init(_ client: HTTPConnection.Incoming) {
            self.client = client
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if case .byteBuffer(let buffer) = unwrapOutboundIn(data) {
                client.change { $0.bytes.append(contentsOf: buffer.readableBytesView) }
            }
            promise?.succeed()
        }

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            guard mode == .output else { return context.close(mode: mode, promise: promise) }
            client.change { $0.hasEnded = true }
            promise?.succeed()
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }

        func channelInactive(context: ChannelHandlerContext) {
            client.change { $0.hasEnded = true }
            context.fireChannelInactive()
        }
    }
}
