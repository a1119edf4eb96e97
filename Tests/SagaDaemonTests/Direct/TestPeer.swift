import NIOCore
import NIOPosix
import DirectTransport
import SagaTestSupport

/// The other end of a connection, in the hands of a test: sends any bytes, and notes what comes back.
final class TestPeer: Sendable {
    let channel: any Channel
    let frames: Observed<[DirectFrame]>

    init(connectingTo path: String, autoRead: Bool = true) async throws {
        let frames = Observed<[DirectFrame]>([])
        self.frames = frames
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: autoRead)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let splitter = FrameSplitter(longestFrame: DirectProtocol.longestFrame.toFollower)
                    try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(splitter), Recorder(frames: frames)])
                }
            }
            .connect(unixDomainSocketPath: path).get()
    }

    func send(_ frame: DirectFrame) async throws {
        var buffer = ByteBuffer()
        frame.encode(into: &buffer)
        try await channel.writeAndFlush(buffer)
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func close() {
        channel.close(promise: nil)
    }

    /// Returns when the other side has closed the connection.
    func waitForEnd() async {
        try? await channel.closeFuture.get()
    }

    private final class Recorder: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let frames: Observed<[DirectFrame]>

        init(frames: Observed<[DirectFrame]>) {
            self.frames = frames
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if let frame = try? DirectFrame(decoding: unwrapInboundIn(data)) { frames.append(frame) }
        }
    }
}
