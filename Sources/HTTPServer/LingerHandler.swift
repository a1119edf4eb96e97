import NIOCore

/// Next to the socket: closes a connection so that its client finds what was sent before, and not a reset (RFC 9112, section 9.6).
///
/// Closing the output means here: when all is written, say so, drop what the client still sends, and close when it has closed too or had
/// time enough.
final class LingerHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private static let limit = TimeAmount.seconds(1)

    private let place: ConnectionPlace
    private var isEnding = false
    private var isInputClosed = false
    private var timer: Scheduled<Void>?

    init(_ place: ConnectionPlace) {
        self.place = place
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isEnding { context.fireChannelRead(data) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard isEnding else { return context.fireChannelReadComplete() }
        if !isInputClosed { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            isInputClosed = true
            // Else as soon as all is written.
            if timer != nil { return context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output, !isEnding else { return context.close(mode: mode, promise: promise) }
        isEnding = true
        // What comes behind everything else is written last.
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in
            // Where places are short nobody has time.
            guard !self.isInputClosed, !self.place.isDisplaced else { return context.close(promise: promise) }
            context.close(mode: .output, promise: promise)
            self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.limit) { context.close(promise: nil) }
            context.read()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }
}
