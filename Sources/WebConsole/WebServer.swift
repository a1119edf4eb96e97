package import Console
import HTTPServer
import HTTPTypes
import Hummingbird
import Logging
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Serves the page to browsers on this machine: it only reads, and however many look, it asks no more than for one who does.
package struct WebServer: Sendable {
    /// A browser holds six; when all are taken, those that are needed least give way.
    private static let connectionLimit = 64

    private let listener: HTTPListener
    private let logger: Logger
    /// Where the page is, with the token that lets its reader in.
    package let page: String

    /// - Throws: a `Failure` when the address cannot be had.
    package init(at address: WebAddress, source: WebSource) async throws(Failure) {
        try await self.init(at: address, source: source, token: WebToken())
    }

    init(at address: WebAddress, source: WebSource, token: WebToken, feed: WebFeed? = nil) async throws(Failure) {
        // Standard output is for the address alone, and standard error for what goes wrong.
        let logger = Logger(label: "sagactl") { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .error
            return handler
        }
        let routes = WebRoutes(source: source, feed: feed ?? WebFeed(source.snapshot)).responder
        do {
            listener = try await HTTPListener.bind(
                .tcp(host: address.host, port: address.port), group: MultiThreadedEventLoopGroup.singleton, logger: logger,
                places: ConnectionPlaces("web", limit: WebServer.connectionLimit)
            ) { request, source, place in
                let port = source.channel.localAddress?.port ?? 0
                guard token.isIn(request, at: port) else { return WebServer.stranger.response.safeguarded }
                var response = await routes(request, source, place)
                if token.isInAddress(of: request) { response.headers[.setCookie] = token.cookie(at: port) }
                return response.safeguarded
            }
        } catch {
            throw Failure(.unavailable, "\(error)", advice: "--listen takes another port")
        }
        self.logger = logger
        let bound = WebAddress(host: address.host, port: listener.localAddress?.port ?? address.port)
        page = "http://\(bound.authority)/?\(WebToken.parameter)=\(token.text)"
    }

    /// Returns after Ctrl-C or SIGTERM.
    package func run() async throws {
        try await ServiceGroup(
            configuration: .init(services: [listener], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        ).run()
    }

    private static let stranger = ProblemError(
        .unauthorized, "open the address that sagactl web has printed: it has the token, which is another one each time",
        headers: [.wwwAuthenticate: "Bearer"])
}

extension Response {
    fileprivate var safeguarded: Response {
        var response = self
        for field in PageFiles.safeguards { response.headers[field.name] = field.value }
        return response
    }
}
