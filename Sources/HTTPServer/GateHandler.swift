import DequeModule
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Stands between a connection and the routes: what the gate refuses is read, dropped and answered here, on the event loop, for a
/// fraction of what a route costs. Answers keep the order of the requests.
final class GateHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A request that is not answered in full yet.
    private enum Request {
        /// Its answer is of no interest.
        case unguarded
        /// Since when it is there in full; at first, since its head is.
        case letIn(since: NIODeadline)
        /// - Parameter awaitsAnswer: before it sends the body (RFC 9110, section 10.1.1).
        case refused(Refusal, closes: Bool, awaitsAnswer: Bool)
    }

    private let gate: any RequestGate
    private var client = ClientAddress(nil)
    private var requests: Deque<Request> = []
    /// The last of them is refused, and still arriving.
    private var isDropping = false

    init(_ gate: any RequestGate) {
        self.gate = gate
    }

    func handlerAdded(context: ChannelHandlerContext) {
        client = ClientAddress(context.remoteAddress)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            requests.append(request(head))
            if case .refused(_, _, let awaitsAnswer) = requests.last {
                isDropping = true
                if awaitsAnswer { answerRefused(context) }
            }
        case .body: break
        case .end where isDropping:
            isDropping = false
            answerRefused(context)
            return
        case .end:
            if case .letIn = requests.last { requests[requests.count - 1] = .letIn(since: .now()) }
        }
        if !isDropping { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.kind != .informational:
            if case .letIn(let since) = requests.first {
                gate.left(head.status, after: .nanoseconds((NIODeadline.now() - since).nanoseconds))
                requests[0] = .unguarded
            }
            context.write(data, promise: promise)
        case .head, .body: context.write(data, promise: promise)
        case .end:
            _ = requests.popFirst()
            context.write(data, promise: promise)
            answerRefused(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        for case .letIn in requests { gate.left(nil, after: .zero) }
        requests = []
        context.fireChannelInactive()
    }

    private func request(_ head: HTTPRequest) -> Request {
        guard gate.guards(head) else { return .unguarded }
        guard let refusal = gate.refusal(for: client) else { return .letIn(since: .now()) }
        return .refused(
            refusal, closes: head.headerFields.asksForClose, awaitsAnswer: head.headerFields.contains(.expect))
    }

    /// Answers those in front that are refused and have arrived, or come no further before they are.
    private func answerRefused(_ context: ChannelHandlerContext) {
        while case .refused(let refusal, let closes, let awaitsAnswer) = requests.first,
            awaitsAnswer || requests.count > 1 || !isDropping
        {
            requests.removeFirst()
            var head = refusal.head
            // Nobody knows whether the body comes nevertheless.
            if awaitsAnswer { head.headerFields[.connection] = "close" }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(refusal.body)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            guard !closes || awaitsAnswer else { return context.close(mode: .output, promise: nil) }
        }
    }
}
