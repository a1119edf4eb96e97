import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Answers requests that never get as far as a route, and closes their connection: 408 when one has not arrived in full in time,
/// however slowly its head or its body trickles; 431 when its header is too large; 400 when it is not HTTP. Closes a connection whose
/// client does not take its answer either.
///
/// Behind it nobody knows the version of a request any more, so one of HTTP/1.0 is made to mean what it means in HTTP/1.1.
///
/// No timer runs for a request that arrives in one piece and whose answer is taken, as nearly all are.
final class RequestLimitsHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// From the first byte of a request to its last.
    private static let arrival = TimeAmount.seconds(10)
    /// For the client to take what fills its connection.
    private static let departure = TimeAmount.seconds(30)
    /// For what the client is still sending, so that it finds the answer and not a reset connection (RFC 9112, section 9.6).
    private static let lingering = TimeAmount.seconds(1)

    /// Bytes of a request have come, but not all.
    private var isArriving = false
    /// The head is among them.
    private var hasHead = false
    /// Requests begun minus answers begun: answers go out in the order of the requests, so nothing is said while one is due before it.
    private var unanswered = 0
    private var isClosing = false
    private var arrivalTimer: Scheduled<Void>?
    private var departureTimer: Scheduled<Void>?

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ArrivalHandler.BytesArrived {
            isArriving = true
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // Also of one that came in a packet with the end of another.
            isArriving = true
            hasHead = true
            unanswered += 1
            if head.version != .http1_1 { return context.fireChannelRead(wrapInboundOut(.head(head.modernized))) }
        case .body: break
        case .end: arrived()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isArriving, arrivalTimer == nil { startArrivalTimer(context) }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            // 100 Continue is no answer yet.
            if head.status.code >= 200 { unanswered -= 1 }
            if head.status.code >= 400, head.headers.first(name: "connection") == "close" { isClosing = true }
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            if isClosing { linger(context) }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        departureTimer?.cancel()
        departureTimer = nil
        if !context.channel.isWritable {
            departureTimer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.departure) { context.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, !hasHead, unanswered == 0 else {
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
        stopTimers()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopTimers()
    }

    private func stopTimers() {
        arrivalTimer?.cancel()
        arrivalTimer = nil
        departureTimer?.cancel()
        departureTimer = nil
    }

    /// In full; a few bytes of the next one in the same packet are noticed when there are more of them.
    private func arrived() {
        isArriving = false
        hasHead = false
        guard !isClosing else { return }
        arrivalTimer?.cancel()
        arrivalTimer = nil
    }

    private func startArrivalTimer(_ context: ChannelHandlerContext) {
        arrivalTimer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.arrival) { self.expire(context) }
    }

    private func expire(_ context: ChannelHandlerContext) {
        arrivalTimer = nil
        guard isArriving else { return }
        switch hasHead ? unanswered - 1 : unanswered {
        case ..<0: context.close(promise: nil)
        case 0: refuse(context, ProblemError(.requestTimeout, "the request did not arrive in time"))
        // Perhaps it is only held back while the one before it is at work.
        default: startArrivalTimer(context)
        }
    }

    private func linger(_ context: ChannelHandlerContext) {
        arrivalTimer?.cancel()
        arrivalTimer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) { context.close(promise: nil) }
    }

    private func refuse(_ context: ChannelHandlerContext, _ problem: ProblemError) {
        let body = problem.body
        let fields: HTTPFields = [
            .contentType: ProblemError.contentType, .contentLength: "\(body.readableBytes)", .connection: "close",
        ]
        let head = HTTPResponseHead(HTTPResponse(status: problem.status, headerFields: fields))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(mode: .output, promise: nil)
    }
}

extension HTTPRequestHead {
    /// In HTTP/1.0 the Host field may be missing, there are no expectations (RFC 9110, section 10.1.1), and a connection is for one
    /// request unless its client says otherwise (RFC 9112, section 9.3).
    fileprivate var modernized: HTTPRequestHead {
        var head = self
        if !headers.contains(name: "Host") { head.headers.add(name: "Host", value: "") }
        head.headers.remove(name: "Expect")
        if !isKeepAlive { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        return head
    }
}

/// In front of the decoder: says that bytes have come, which the decoder does only when they make a whole head.
final class ArrivalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    struct BytesArrived {}

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireUserInboundEventTriggered(BytesArrived())
        context.fireChannelRead(data)
    }
}
