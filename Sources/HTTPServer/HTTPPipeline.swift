import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// What a listener makes of each connection: the bytes become requests, which are let through one at a time, and the answers bytes.
///
/// What one connection can make it hold is bounded: a few kilobytes of requests that are read ahead, one request at work, one answer.
/// What all of them can is bounded by `ConnectionPlaces`.
package struct HTTPPipeline: Sendable {
    private let places: ConnectionPlaces
    private let configuration: HTTP1Channel.Configuration
    private let browsers: BrowserRule
    private let logger: Logger
    private let responder: HTTPListener.Responder

    /// - Parameters:
    ///   - gate: asked before any route.
    ///   - browsers: which pages and host names may use it, where it listens on the network.
    package init(
        places: ConnectionPlaces, gate: (any RequestGate)? = nil, browsers: BrowserRule = BrowserRule(), logger: Logger,
        responder: @escaping HTTPListener.Responder
    ) {
        self.places = places
        self.browsers = browsers
        self.logger = logger
        self.responder = responder
        configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: gate.map { [GateHandler($0)] } ?? [],
            idleTimeout: .seconds(75),
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
    }

    package struct Connection: Sendable {
        fileprivate let channel: HTTP1Channel.Value
        fileprivate let place: ConnectionPlace
    }

    /// Adds the handlers to a connection that has its place.
    package func add(to channel: any Channel) -> EventLoopFuture<Connection> {
        // Gone already.
        guard let place = places.place(of: channel) else {
            return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
        }
        return HTTP1Channel(responder: { _, _, _ in }, configuration: configuration).setup(channel: channel, logger: logger)
            .flatMapThrowing { [places] connection in
                let pipeline = channel.pipeline.syncOperations
                let arrivals = ArrivalHandler()
                try pipeline.addHandlers([LingerHandler(place), SilenceHandler(places), arrivals], position: .first)
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try pipeline.addHandler(RequestLimitsHandler(arrivals, places), position: .after(decoder))
                let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
                try pipeline.addHandler(TurnHandler(place, places), position: .after(codec))
                // One that comes while the listener closes reaches nobody. It must not be dropped before it is closed, which would end
                // the process, and it closes as those do that were there before.
                channel.closeFuture.whenComplete { _ in withExtendedLifetime(connection) {} }
                if places.isStopping { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
                return Connection(channel: connection, place: place)
            }
    }

    /// Answers the requests of a connection until it ends.
    package func serve(_ connection: Connection, at reach: ListenerReach) async {
        let place = connection.place
        let http = HTTP1Channel(
            responder: { [responder, browsers, logger] request, writer, channel in
                var response: Response
                do {
                    response = await responder(
                        try await request.accepted(on: channel, at: reach, by: browsers), .init(channel: channel, logger: logger), place)
                } catch {
                    response = ProblemError(error).response
                }
                // Whoever was refused while holding back a body may send it or not: no telling what comes next (RFC 9110, section 10.1.1).
                if response.status.code >= 400, request.headers.contains(.expect) { response.headers[.connection] = "close" }
                if request.method == .head { response = response.createHeadResponse() }
                try await writer.write(response: response.head, body: response.body)
                // Requests sent behind one that closes the connection are not for us any more (RFC 9112, section 9.6).
                if response.headers.asksForClose {
                    try await channel.closeFuture.get()
                    throw ChannelError.alreadyClosed
                }
            }, configuration: configuration)
        await http.handle(value: connection.channel, logger: logger)
    }
}
