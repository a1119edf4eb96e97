import DequeModule
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Lets one request of a connection through at a time: the next one when the answer before it is on its way to the client. So whoever
/// sends many and takes no answer makes the daemon hold one, and what little was read ahead.
///
/// Knows best what a connection is about, so it says so to those who look for places, and ends the connection in an orderly way when the
/// daemon stops, or when others need the place: with the answer to the request at work.
final class TurnHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum Turn {
        case free
        /// A request was let through.
        case taken(isComplete: Bool, isAnswered: Bool)
        /// The last answer fills the connection.
        case untaken
    }

    private enum Ending {
        /// With the next answer.
        case due
        case begun
    }

    /// Only the last bytes before a client closes its side are read all at once, at most what the kernel holds.
    private static let longestQueue = 1024

    private let place: ConnectionPlace
    private let places: ConnectionPlaces
    private var turn = Turn.free
    private var queue: Deque<HTTPRequestPart> = []
    private var isPassingOn = false
    private var isReadPending = false
    /// Not passed on yet, since requests are before it.
    private var isInputClosed = false
    private var ending: Ending?
    /// What is at work, and since when.
    private var request: (head: HTTPRequest, since: NIODeadline)?
    private var isProbe = false
    /// Came when all places were taken.
    private var isExtra: Bool

    init(_ place: ConnectionPlace, _ places: ConnectionPlaces) {
        self.place = place
        self.places = places
        isExtra = place.isExtra
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if places.isStopping { stop(context) }
        if place.isDisplaced { context.close(promise: nil) }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard ending != .begun else { return }
        queue.append(unwrapInboundIn(data))
        guard queue.count <= Self.longestQueue else { return context.close(promise: nil) }
        passOn(context)
    }

    func read(context: ChannelHandlerContext) {
        isReadPending = !queue.isEmpty
        if !isReadPending { context.read() }
    }

    private func passOn(_ context: ChannelHandlerContext) {
        guard !isPassingOn else { return }
        isPassingOn = true
        defer { isPassingOn = false }
        while let part = queue.first, ending != .begun {
            switch (part, turn) {
            case (.head(let head), .free):
                turn = .taken(isComplete: false, isAnswered: false)
                queue.removeFirst()
                if !admit(head, context) { return }
            case (.head, .taken), (.head, .untaken): return
            case (.end, .taken(_, let isAnswered)):
                queue.removeFirst()
                turn = .taken(isComplete: true, isAnswered: isAnswered)
                place.become(.working)
            case (.body, _), (.end, _): queue.removeFirst()
            }
            context.fireChannelRead(wrapInboundOut(part))
            endTurn(context)
        }
    }

    private func endTurn(_ context: ChannelHandlerContext) {
        guard case .taken(isComplete: true, isAnswered: true) = turn else { return }
        turn = context.channel.isWritable ? .free : .untaken
        place.become(context.channel.isWritable ? .idle : .untaken)
    }

    /// Behind the last one that had to wait.
    private func goOn(_ context: ChannelHandlerContext) {
        guard !isPassingOn else { return }
        endTurn(context)
        guard !queue.isEmpty else { return }
        passOn(context)
        context.fireChannelReadComplete()
        guard queue.isEmpty else { return }
        if isInputClosed { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        if isReadPending {
            isReadPending = false
            context.read()
        }
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            note(head.status)
            if ending == nil, places.isStopping || head.headerFields.asksForClose { ending = .due }
            guard ending != nil else { return context.write(data, promise: promise) }
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .head, .body: context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            if case .taken(let isComplete, _) = turn { turn = .taken(isComplete: isComplete, isAnswered: true) }
            if ending == nil { goOn(context) } else { end(context) }
        }
    }

    private func note(_ status: HTTPResponse.Status) {
        guard let request = request.take() else { return }
        places.answered(
            AnsweredRequest(
                request: request.head, route: place.takeRoute(), status: status,
                duration: .nanoseconds((NIODeadline.now() - request.since).nanoseconds)))
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        let unwritten = isWritable ? 0 : (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        places.unwritten(unwritten, of: place)
        if isWritable, case .untaken = turn {
            turn = .free
            place.become(.idle)
            if ending == nil || !queue.isEmpty { goOn(context) } else { end(context) }
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: The end

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            place.clientLeft()
            isInputClosed = !queue.isEmpty
            if !isInputClosed { context.fireUserInboundEventTriggered(event) }
        case is ChannelShouldQuiesceEvent: stop(context)
        case is ConnectionPlace.GiveWay: giveWay(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private func stop(_ context: ChannelHandlerContext) {
        guard ending == nil else { return }
        ending = .due
        place.endWait()
        guard case .free = turn else { return }
        if .now() - place.since > places.farewell { return end(context) }
        context.eventLoop.assumeIsolated().scheduleTask(in: places.farewell) {
            if case .free = self.turn { self.end(context) }
        }
    }

    private func giveWay(_ context: ChannelHandlerContext) {
        guard case .taken(isComplete: true, _) = turn, !place.isGone, context.channel.isWritable else {
            return context.close(promise: nil)
        }
        if ending == nil { ending = .due }
        place.endWait()
    }

    private func end(_ context: ChannelHandlerContext) {
        guard ending != .begun else { return }
        ending = .begun
        queue = []
        context.close(mode: .output, promise: nil)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { ending = .begun }
        context.close(mode: mode, promise: promise)
    }

    // MARK: Places

    private static let noPlace = Refusal(.unavailable("all places for connections are taken; try again"))

    /// - Returns: false when the request is refused, since its connection has no place.
    private func admit(_ head: HTTPRequest, _ context: ChannelHandlerContext) -> Bool {
        place.become(.arriving)
        request = (head, .now())
        let isProbe =
            switch head.path {
            case "/livez", "/readyz", "/metrics": true
            default: false
            }
        if isProbe != self.isProbe { place.isProbe = isProbe }
        self.isProbe = isProbe
        guard isExtra, !isProbe else { return true }
        isExtra = places.areOverdrawn
        guard isExtra else { return true }
        places.note(.places)
        var answer = Self.noPlace.head
        note(answer.status)
        answer.headerFields[.connection] = "close"
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        if head.method != .head { context.write(wrapOutboundOut(.body(Self.noPlace.body)), promise: nil) }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        end(context)
        return false
    }
}
