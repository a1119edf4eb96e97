import NIOCore
import NIOHTTP1
import Ownership

/// An answer as it came: status, content type and the whole body.
struct AdminAnswer: Sendable {
    let status: Int
    let contentType: String
    let body: ByteBuffer
}

/// What can go wrong once the connection stands.
enum AdminExchangeError: Error {
    case connectionLost
    case timedOut
    case bodyTooLarge
    case notHTTP
}

/// One request and its answer on one connection: sends when the channel is active and the peer known, settles `answer` exactly once, closes.
///
/// Owned by its channel's pipeline and confined to its event loop.
final class AdminExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let peer: SocketPeer
    private let head: HTTPRequestHead
    private let body: ByteBuffer?
    private let timeout: TimeAmount
    private let bodyLimit: Int
    private var answer: EventLoopPromise<AdminAnswer>?
    private var timer: Scheduled<Void>?
    private var status = 0
    private var contentType = ""
    private var received = ByteBuffer()

    init(
        peer: SocketPeer, head: HTTPRequestHead, body: ByteBuffer?, timeout: TimeAmount, bodyLimit: Int,
        answer: EventLoopPromise<AdminAnswer>
    ) {
        self.peer = peer
        self.head = head
        self.body = body
        self.timeout = timeout
        self.bodyLimit = bodyLimit
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.settle(.failure(AdminExchangeError.timedOut), context)
        }
        peer.require(context.channel).assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.send(context)
            case .failure(let error): self.settle(.failure(error), context)
            }
        }
        context.fireChannelActive()
    }

    private func send(_ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
            contentType = head.headers.first(name: "content-type") ?? ""
        case .body(var part):
            guard received.readableBytes + part.readableBytes <= bodyLimit else {
                settle(.failure(AdminExchangeError.bodyTooLarge), context)
                return
            }
            received.writeBuffer(&part)
        case .end:
            settle(.success(AdminAnswer(status: status, contentType: contentType, body: received)), context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.invalidEOFState: settle(.failure(AdminExchangeError.connectionLost), context)
        case is HTTPParserError: settle(.failure(AdminExchangeError.notHTTP), context)
        default: settle(.failure(AdminExchangeError.connectionLost), context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        settle(.failure(AdminExchangeError.connectionLost), context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        settle(.failure(AdminExchangeError.connectionLost), context)
    }

    private func settle(_ result: Result<AdminAnswer, any Error>, _ context: ChannelHandlerContext) {
        guard let answer else { return }
        self.answer = nil
        timer?.cancel()
        answer.completeWith(result)
        context.close(promise: nil)
    }
}
