import NIOCore

/// Next to the socket: closes a connection whose client says nothing at first, and is gone once it has spoken.
final class SilenceHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let places: ConnectionPlaces
    private var timer: Scheduled<Void>?

    init(_ places: ConnectionPlaces) {
        self.places = places
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: places.silence) {
            self.places.note(.silence)
            context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }
}
