import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Answers requests that never get as far as a route, and closes their connection: 408 when one has not arrived in full in time,
/// however slowly it trickles; 431 when its header is too large; 400 when it is not HTTP.
///
/// No timer runs for a request that arrives in one piece, as nearly all do.
final class RequestLimitsHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private var isReading = false
    private var hasAnswered = false
    private var timer: Scheduled<Void>?

    init(limit: TimeAmount) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReading = true
            hasAnswered = false
        case .body: break
        case .end: arrived()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isReading, timer == nil {
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { self.expire(context) }
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .head = unwrapOutboundIn(data) { hasAnswered = true }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, !isReading else {
            context.fireErrorCaught(error)
            return
        }
        refuse(
            context,
            error == .headerOverflow
                ? ProblemError(.requestHeaderFieldsTooLarge, "the request line and header fields are too large")
                : ProblemError(.badRequest, "not an HTTP request: \(error)"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        arrived()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        arrived()
    }

    private func arrived() {
        isReading = false
        timer?.cancel()
        timer = nil
    }

    private func expire(_ context: ChannelHandlerContext) {
        timer = nil
        guard isReading else { return }
        if hasAnswered {
            context.close(promise: nil)
        } else {
            refuse(context, ProblemError(.requestTimeout, "the request did not arrive in time"))
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ problem: ProblemError) {
        let body = problem.body
        let fields: HTTPFields = [
            .contentType: ProblemError.contentType, .contentLength: "\(body.readableBytes)", .connection: "close",
        ]
        context.write(wrapOutboundOut(.head(HTTPResponse(status: problem.status, headerFields: fields))), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }
}
