import Glibc
package import Hummingbird
package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle
package import Posix

/// Serves HTTP on one address.
///
/// Bound before the daemon starts, so that an address in use fails the start. Hummingbird routes and speaks HTTP; its own server
/// always binds for itself and cannot adopt a socket from systemd, which is why the accepting is done here. On graceful shutdown it
/// stops accepting, answers the requests in hand and closes every connection in an orderly way; who has not been accepted waits for the
/// next process, where the socket is one of systemd's.
package struct HTTPListener: Service {
    package typealias Responder = @Sendable (Request, ServiceRequestContext.Source, ConnectionPlace) async -> Response

    private let server: NIOAsyncChannel<HTTPPipeline.Connection, Never>
    private let places: ConnectionPlaces
    private let pipeline: HTTPPipeline
    private let reach: ListenerReach
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
        let pipeline = HTTPPipeline(places: places, gate: gate, browsers: browsers, logger: logger, responder: responder)
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
        let server: NIOAsyncChannel<HTTPPipeline.Connection, Never>
        do {
            switch address {
            case .tcp(let host, let port):
                server = try await bootstrap.bind(host: host, port: port, childChannelInitializer: pipeline.add)
            case .unix(let path, let group):
                let socket = try UnixSocketAddress(path)
                try socket.makeFree()
                server = try await bootstrap.bind(unixDomainSocketPath: path, childChannelInitializer: pipeline.add)
                try socket.admitGroup(named: group)
            case .inherited(let descriptor):
                server = try await bootstrap.bind(descriptor, childChannelInitializer: pipeline.add)
            }
        } catch let error as UnixSocketError {
            throw ListenError(error)
        } catch {
            throw ListenError(address: address, error)
        }
        var path: String?
        if case .unix(let unixPath, _) = address { path = unixPath }
        return HTTPListener(
            server: server, places: places, pipeline: pipeline, reach: ListenerReach(server.channel.localAddress), unlink: path)
    }

    package var localAddress: SocketAddress? { server.channel.localAddress }

    package func run() async throws {
        defer { if let unlink { Glibc.unlink(unlink) } }
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                try await server.executeThenClose { connections in
                    for try await connection in connections {
                        group.addTask { await pipeline.serve(connection, at: reach) }
                    }
                }
            }
        } onGracefulShutdown: {
            server.channel.close().whenComplete { _ in places.stop() }
        }
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
