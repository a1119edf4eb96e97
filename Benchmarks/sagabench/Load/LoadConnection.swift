import NIOCore

/// One keep-alive connection: one request at a time, answered through a closure.
///
/// Writes ready-made bytes and reads with `HTTPAnswer` instead of NIO's codec, which costs the generator several times as much as
/// all the rest: on two cores, what the generator uses is missing to the daemons. Confined to its channel's event loop.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    enum Outcome {
        case answer(HTTPAnswer)
        /// The connection ended, or something else than an answer came: nobody knows whether the request was carried out.
        case lost
    }

    private var context: ChannelHandlerContext?
    private var received = ByteBuffer()
    private var completion: ((Outcome) -> Void)?
    private var wantsLocation = false
    private let closed: (LoadConnection) -> Void

    /// - Parameter closed: called once, after the completion of what was under way.
    init(closed: @escaping (LoadConnection) -> Void) {
        self.closed = closed
    }

    func send(_ request: ByteBuffer, wantsLocation: Bool = false, completion: @escaping (Outcome) -> Void) {
        guard let context else { return completion(.lost) }
        precondition(self.completion == nil, "one request at a time")
        self.completion = completion
        self.wantsLocation = wantsLocation
        context.writeAndFlush(NIOAny(request), promise: nil)
    }

    func close() {
        context?.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        if received.readableBytes == 0 { received = part } else { received.writeBuffer(&part) }
        switch HTTPAnswer.take(from: &received, wantsLocation: wantsLocation) {
        case .incomplete: break
        case .unreadable: context.close(promise: nil)
        case .answer(let answer): complete(.answer(answer))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        complete(.lost)
        closed(self)
    }

    private func complete(_ outcome: Outcome) {
        let completion = completion
        self.completion = nil
        completion?(outcome)
    }
}
