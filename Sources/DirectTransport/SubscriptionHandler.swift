import NIOCore

/// The server's end of one connection: waits for the hello, then takes acknowledgements. Anything else ends the connection.
///
/// Confined to the channel's event loop.
final class SubscriptionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private enum State {
        case awaitingHello(timeout: Scheduled<Void>?)
        case following(DirectSubscription)
        case ended
    }

    private let server: DirectServer
    private var state = State.awaitingHello(timeout: nil)

    init(server: DirectServer) {
        self.server = server
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        // Who has nothing to say must not keep a place for ever.
        state = .awaitingHello(timeout: context.eventLoop.scheduleTask(in: server.patience) { channel.close(promise: nil) })
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(DirectProtocolError) {
            let frame = try DirectFrame(decoding: unwrapInboundIn(data))
            switch (state, frame) {
            case (.awaitingHello(let timeout), .hello(let hello)):
                timeout?.cancel()
                let subscription = server.admit(hello, on: context.channel)
                state = .following(subscription)
            case (.following(let subscription), .acknowledgement(let seq)): try server.acknowledge(seq, by: subscription)
            case (.ended, _): break
            case (.awaitingHello, _), (.following, _): throw .unexpected("frame")
            }
        } catch {
            reject(context, error.description)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reject(context, ConnectionFailure.text(of: error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch state {
        case .awaitingHello(let timeout): timeout?.cancel()
        case .following(let subscription): subscription.noteEnd("the connection was closed")
        case .ended: break
        }
        state = .ended
    }

    private func reject(_ context: ChannelHandlerContext, _ reason: String) {
        switch state {
        case .awaitingHello(let timeout):
            timeout?.cancel()
            server.noteRejected(reason)
        case .following(let subscription): subscription.noteEnd(reason)
        case .ended: return
        }
        state = .ended
        var buffer = context.channel.allocator.buffer(capacity: 64)
        DirectFrame.refusal(reason).encode(into: &buffer)
        context.writeAndFlush(NIOAny(buffer), promise: nil)
        context.close(promise: nil)
    }
}
