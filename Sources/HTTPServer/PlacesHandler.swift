import NIOCore

/// On the listening socket: gives every connection its place, and pauses accepting while there is none.
final class PlacesHandler: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let places: ConnectionPlaces
    private var isPaused = false

    init(_ places: ConnectionPlaces) {
        self.places = places
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        places.enter(channel)
        channel.closeFuture.hop(to: context.eventLoop).assumeIsolated().whenComplete { _ in self.resume(context) }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        isPaused = places.areExhausted
        if !isPaused { context.read() }
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard isPaused, !places.areExhausted else { return }
        isPaused = false
        context.read()
    }
}
