import Glibc
import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOConcurrencyHelpers
package import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOPosix
import ServiceLifecycle
import Synchronization
package import Posix

/// Serves HTTP on one address.
///
/// Bound before the daemon starts, so that an address in use fails the start. Hummingbird routes and speaks HTTP; its own server
/// always binds for itself and cannot adopt a socket from systemd, which is why the accepting is done here. On graceful shutdown it
/// stops accepting, answers the requests in hand and closes every connection in an orderly way; who has not been accepted waits for the
/// next process, where the socket is one of systemd's.
///
/// What one connection can make it hold is bounded: a few kilobytes of requests that are read ahead, one request at work, one answer.
/// What all of them can is bounded by `ConnectionPlaces`.
package struct HTTPListener: Service {
    package typealias Responder = @Sendable (Request, ServiceRequestContext.Source, ConnectionPlace) async -> Response

    private let server: NIOAsyncChannel<Connection, Never>
    private let places: ConnectionPlaces
    private let configuration: HTTP1Channel.Configuration
    private let browsers: BrowserRule
    private let reach: ListenerReach
    private let responder: Responder
    private let logger: Logger
    private let unlink: String?

    package enum Address: Sendable {
        case tcp(host: String, port: Int)
        /// Members of the group may connect.
        case unix(path: String, group: String = UnixSocketAddress.group)
        /// A listening socket handed over by systemd (socket activation).
        case inherited(descriptor: CInt)
    }

    /// - Parameters:
    ///   - gate: asked before any route.
    ///   - browsers: which pages and host names may use it, where it listens on the network.
    /// - Throws: `ListenError` when the address cannot be had.
    package static func bind(
        _ address: Address, group: any EventLoopGroup, logger: Logger, places: ConnectionPlaces, gate: (any RequestGate)? = nil,
        browsers: BrowserRule = BrowserRule(), responder: @escaping Responder
    ) async throws -> HTTPListener {
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: gate.map { [GateHandler($0)] } ?? [],
            idleTimeout: .seconds(75),
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
        let bootstrap = ServerBootstrap(group: group)
            // As long as the kernel allows (listen(2), somaxconn): a client that finds the queue full tries again only after a second.
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Connections inherit these. Without them the kernel would hold megabytes for a client that takes nothing (tcp(7)).
            .serverChannelOption(.socketOption(.so_sndbuf), value: 64 << 10)
            .serverChannelOption(.socketOption(.so_rcvbuf), value: 64 << 10)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // Reading stops while a request is at work, but only between reads: so a read decides how many requests are decoded ahead.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 2048))
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(PlacesHandler(places)) }
            }
        let setUp: @Sendable (any Channel) -> EventLoopFuture<Connection> = { channel in
            // Gone already.
            guard let place = places.place(of: channel) else {
                return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
            }
            return HTTP1Channel(responder: { _, _, _ in }, configuration: configuration).setup(channel: channel, logger: logger)
                .flatMapThrowing { connection in
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
        let server: NIOAsyncChannel<Connection, Never>
        do {
            switch address {
            case .tcp(let host, let port):
                server = try await bootstrap.bind(host: host, port: port, childChannelInitializer: setUp)
            case .unix(let path, let group):
                let socket = try UnixSocketAddress(path)
                try socket.makeFree()
                server = try await bootstrap.bind(unixDomainSocketPath: path, childChannelInitializer: setUp)
                try socket.admitGroup(named: group)
            case .inherited(let descriptor):
                server = try await bootstrap.bind(descriptor, childChannelInitializer: setUp)
            }
        } catch let error as UnixSocketError {
            throw ListenError(error)
        } catch {
            throw ListenError(address: address, error)
        }
        var path: String?
        if case .unix(let unixPath, _) = address { path = unixPath }
        return HTTPListener(
            server: server, places: places, configuration: configuration, browsers: browsers,
            reach: ListenerReach(server.channel.localAddress), responder: responder, logger: logger,
            unlink: path)
    }

    private struct Connection: Sendable {
        let channel: HTTP1Channel.Value
        let place: ConnectionPlace
    }

    package var localAddress: SocketAddress? { server.channel.localAddress }

    package func run() async throws {
        defer { if let unlink { Glibc.unlink(unlink) } }
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                try await server.executeThenClose { connections in
                    for try await connection in connections {
                        group.addTask { await serve(connection) }
                    }
                }
            }
        } onGracefulShutdown: {
            server.channel.close().whenComplete { _ in places.stop() }
        }
    }

    private func serve(_ connection: Connection) async {
        let place = connection.place
        let http = HTTP1Channel(
            responder: { request, writer, channel in
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

/// An address that could not be listened on: exit code 69.
package struct ListenError: Error, CustomStringConvertible {
    package let description: String

    package init(_ error: UnixSocketError) {
        description = "cannot listen: \(error)"
    }

    init(address: HTTPListener.Address, _ error: any Error) {
        guard let code = (error as? IOError)?.errnoCode else {
            self.init(address: address, reason: "\(error)")
            return
        }
        var reason = String(cString: strerror(code))
        if code == EADDRINUSE, case .tcp(_, let port) = address {
            reason += PortHolder.description(port: port).map { ": \($0) has it" } ?? ""
            reason += "; ss -ltnp 'sport = :\(port)' shows who it is"
        }
        self.init(address: address, reason: reason)
    }

    package init(address: HTTPListener.Address, reason: String) {
        let shown =
            switch address {
            case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            case .unix(let path, _): path
            case .inherited(let descriptor): "the socket passed as descriptor \(descriptor)"
            }
        description = "cannot listen on \(shown): \(reason)"
    }
}
