import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Answers requests that never get as far as a route, once those before them are answered, and closes their connection: 408 when one
/// has not arrived in full in time, however slowly its head or its body trickles; 431 when its header is too large; 400, 501 or 505
/// when it is not HTTP as it is spoken here. Closes a connection whose client does not take its answer either.
///
/// Settles what a request's head says, and says on every answer when it was made and what becomes of the connection.
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

    /// The head is among them.
    private var hasHead = false
    /// Requests begun minus answers begun: answers go out in the order of the requests, so nothing is said while one is due before it.
    private var unanswered = 0
    private var isClosing = false
    /// Waits for the answers before it; nothing of what comes behind the refused request is a request.
    private var refusal: ProblemError?
    /// What the last request said of its connection.
    private var isLastRequest = false
    private var isHTTP10 = false
    private let arrivals: ArrivalHandler
    private let places: ConnectionPlaces
    private var arrivalTimer: Scheduled<Void>?
    private var departureTimer: Scheduled<Void>?

    /// - Parameter arrivals: in front of the decoder.
    init(_ arrivals: ArrivalHandler, _ places: ConnectionPlaces) {
        self.arrivals = arrivals
        self.places = places
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard refusal == nil else { return }
        switch unwrapInboundIn(data) {
        case .head(let received):
            // Also of one that came in a packet with the end of another.
            arrivals.isArriving = true
            hasHead = true
            isHTTP10 = received.version == .http1_0
            do throws(ProblemError) {
                let head = try received.settled()
                unanswered += 1
                isLastRequest = head.headers.first(name: "Connection") == "close"
                return context.fireChannelRead(wrapInboundOut(.head(head)))
            } catch {
                return refuse(context, error)
            }
        case .body: break
        case .end: arrived()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if arrivals.isArriving, arrivalTimer == nil { startArrivalTimer(context) }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            // 100 Continue is no answer yet.
            guard head.status.code >= 200 else { return context.write(data, promise: promise) }
            unanswered -= 1
            finish(&head)
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            if isClosing {
                linger(context)
            } else if unanswered == 0, let refusal {
                answer(context, refusal)
            }
        }
    }

    private func finish(_ head: inout HTTPResponseHead) {
        head.headers.add(name: "Date", value: HTTPDate.now)
        if head.headers.first(name: "Connection") == "close" {
            if head.status.code >= 400 { isClosing = true }
        } else if unanswered == 0, isLastRequest {
            head.headers.add(name: "Connection", value: "close")
        } else if isHTTP10 {
            if head.headers.contains(name: "Content-Length") || head.status.code == 204 || head.status.code == 304 {
                head.headers.add(name: "Connection", value: "keep-alive")
            } else {
                // There are no chunks in that version: the end of the connection is that of the answer.
                head.version = .http1_0
                head.headers.add(name: "Connection", value: "close")
                isClosing = true
            }
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
        // What follows a request that was refused is nothing to anybody.
        if refusal != nil, !(error is IOError) { return }
        guard let error = error as? HTTPParserError, !hasHead else { return context.fireErrorCaught(error) }
        refuse(context, RequestLine.problem(error, in: arrivals.latest))
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
        arrivals.isArriving = false
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
        guard arrivals.isArriving, refusal == nil else { return }
        switch hasHead ? unanswered - 1 : unanswered {
        case ..<0: context.close(promise: nil)
        case 0:
            unanswered = 0
            refuse(context, ProblemError(.requestTimeout, "the request did not arrive in time"))
        // Perhaps it is only held back while the one before it is at work.
        default: startArrivalTimer(context)
        }
    }

    private func linger(_ context: ChannelHandlerContext) {
        arrivalTimer?.cancel()
        arrivalTimer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) { context.close(promise: nil) }
    }

    /// Reads no more requests, and answers this one when it is its turn.
    private func refuse(_ context: ChannelHandlerContext, _ problem: ProblemError) {
        refusal = problem
        if unanswered == 0 { answer(context, problem) }
    }

    private func answer(_ context: ChannelHandlerContext, _ problem: ProblemError) {
        places.answered(AnsweredRequest(request: nil, route: nil, status: problem.status, duration: .zero))
        let body = problem.body
        let fields: HTTPFields = [
            .contentType: ProblemError.contentType, .contentLength: "\(body.readableBytes)", .date: HTTPDate.now, .connection: "close",
        ]
        let head = HTTPResponseHead(HTTPResponse(status: problem.status, headerFields: fields))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        isClosing = true
        // Lingers until all is written, and a while longer.
        context.close(mode: .output, promise: nil)
    }
}

/// In front of the decoder: notes that bytes have come, which the decoder says only when they make a whole head.
final class ArrivalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Bytes of a request have come, but not all of them.
    var isArriving = false
    /// While they are decoded.
    private(set) var latest: ByteBuffer?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isArriving = true
        latest = unwrapInboundIn(data)
        context.fireChannelRead(data)
        latest = nil
    }
}
