package import struct Saga.ServiceName
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import Ownership
import Wire

/// Asks one daemon on its admin socket: HTTP/1.1 over a Unix socket, one connection per request.
///
/// Holds nothing but where to ask and how long to wait; a daemon that restarts between two requests is not noticed.
/// Nothing is retried here: whether a request may be sent twice is the caller's to know.
package struct AdminClient: Sendable {
    package let service: ServiceName
    package let socketPath: String
    /// Asked in its stead where that one may not be used, and only for what changes nothing.
    package let readSocketPath: String?
    /// How long an answer may take once connected, unless the call says otherwise.
    package var requestTimeout: Duration
    /// The most bytes an answer's body may have.
    package var bodyLimit: Int

    package static let connectTimeout: Duration = .seconds(2)

    package init(
        service: ServiceName, socketPath: String, readSocketPath: String? = nil, requestTimeout: Duration = .seconds(30),
        bodyLimit: Int = 64 << 20
    ) {
        self.service = service
        self.socketPath = socketPath
        self.readSocketPath = readSocketPath
        self.requestTimeout = requestTimeout
        self.bodyLimit = bodyLimit
    }
}

extension AdminClient {
    package func ask<Answer: Decodable>(
        _ route: AdminRoute, _ arguments: [String] = [], query: [(name: String, value: String)] = [], body: (any Encodable)? = nil,
        headers: [(String, String)] = [], timeout: Duration? = nil, for answer: Answer.Type = Answer.self
    ) async throws(AdminError) -> Answer {
        let data = try await send(route, arguments, query: query, body: body, headers: headers, timeout: timeout)
        do {
            return try AdminJSON.decode(Answer.self, from: data)
        } catch {
            throw malformed("\(route.method.rawValue) \(route.template) did not answer with the JSON expected")
        }
    }

    /// Sends a request and gives back the body of a 2xx answer.
    @discardableResult
    func send(
        _ route: AdminRoute, _ arguments: [String] = [], query: [(name: String, value: String)] = [], body: (any Encodable)? = nil,
        headers: [(String, String)] = [], timeout: Duration? = nil
    ) async throws(AdminError) -> Data {
        let timeout = timeout ?? requestTimeout
        var fields = HTTPHeaders([("Host", "localhost"), ("Connection", "close"), ("Accept", "application/json, \(Problem.contentType)")])
        fields.add(contentsOf: headers)
        var payload: ByteBuffer?
        if let body {
            guard let data = try? AdminJSON.encode(body) else { throw malformed("the request could not be written as JSON") }
            fields.add(name: "Content-Type", value: "application/json")
            fields.add(name: "Content-Length", value: String(data.count))
            payload = ByteBuffer(bytes: data)
        } else if route.method != .get {
            fields.add(name: "Content-Length", value: "0")
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: route.method.rawValue), uri: route.target(arguments, query: query),
            headers: fields)
        let answer = try await exchange(head, payload, timeout)
        let data = Data(answer.body.readableBytesView)
        guard (200..<300).contains(answer.status) else { throw refusal(answer, data) }
        return data
    }

    private func exchange(_ head: HTTPRequestHead, _ body: ByteBuffer?, _ timeout: Duration) async throws(AdminError) -> AdminAnswer {
        do throws(AdminError) {
            return try await exchange(head, body, timeout, on: socketPath)
        } catch {
            guard error.isPermissionDenied, head.method == .GET, let readSocketPath else { throw error }
            do throws(AdminError) {
                return try await exchange(head, body, timeout, on: readSocketPath)
            } catch .unreachable {
                // What is missing is the right to use either of the two.
                throw error
            }
        }
    }

    private func exchange(
        _ head: HTTPRequestHead, _ body: ByteBuffer?, _ timeout: Duration, on socketPath: String
    ) async throws(AdminError) -> AdminAnswer {
        let peer: SocketPeer
        do {
            peer = try SocketPeer(at: socketPath)
        } catch .unusable(_, let code) {
            throw .unreachable(service, socketPath: socketPath, .init(errno: code, socketPath: socketPath))
        } catch {
            throw .untrusted(service, error)
        }
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let answer = eventLoop.makePromise(of: AdminAnswer.self)
        let bodyLimit = bodyLimit
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(TimeAmount(Self.connectTimeout))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(
                            AdminExchange(
                                peer: peer, head: head, body: body, timeout: TimeAmount(timeout), bodyLimit: bodyLimit, answer: answer))
                    }
                }
                .connect(unixDomainSocketPath: socketPath).get()
        } catch {
            answer.fail(error)
            throw unreachable(error, at: socketPath)
        }
        do {
            return try await withTaskCancellationHandler {
                try await answer.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch let error as UntrustedPath {
            throw .untrusted(service, error)
        } catch AdminExchangeError.timedOut {
            throw .timedOut(service, socketPath: socketPath, after: timeout)
        } catch AdminExchangeError.bodyTooLarge {
            throw malformed("it has more than \(bodyLimit) bytes")
        } catch AdminExchangeError.notHTTP {
            throw malformed("it is not HTTP")
        } catch {
            throw .connectionLost(service, socketPath: socketPath)
        }
    }

    private func unreachable(_ error: any Error, at socketPath: String) -> AdminError {
        switch error {
        case let error as IOError: .unreachable(service, socketPath: socketPath, .init(errno: error.errnoCode, socketPath: socketPath))
        case ChannelError.connectTimeout: .timedOut(service, socketPath: socketPath, after: Self.connectTimeout)
        case SocketAddressError.unixDomainSocketPathTooLong:
            .unreachable(service, socketPath: socketPath, .other("a socket path may have at most 107 bytes, see unix(7)"))
        default: .unreachable(service, socketPath: socketPath, .other("\(error)"))
        }
    }

    private func refusal(_ answer: AdminAnswer, _ data: Data) -> AdminError {
        guard answer.status >= 400 else { return malformed("it has the unexpected status \(answer.status)") }
        if answer.contentType.hasPrefix(Problem.contentType), let problem = try? AdminJSON.decode(Problem.self, from: data) {
            return .problem(
                Problem(type: problem.type, title: problem.title, status: answer.status, detail: problem.detail, extras: problem.extras))
        }
        return .problem(Problem(title: "\(service.rawValue) refused with status \(answer.status)", status: answer.status))
    }

    private func malformed(_ why: String) -> AdminError { .malformed(service, socketPath: socketPath, why) }
}
