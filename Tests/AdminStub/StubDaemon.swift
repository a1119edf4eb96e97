package import struct Saga.ServiceName
import AdminAPI
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Wire

/// Stands in for a daemon on a real admin socket: HTTP over a Unix socket, with the answers a test gives it.
package final class StubDaemon: Sendable {
    package struct Request: Sendable, Equatable {
        package var method: String
        package var target: String
        package var headers: [String: String]
        package var body: String
    }

    package enum Reply: Sendable {
        case json(String, status: Int = 200, contentType: String = "application/json")
        case problem(status: Int, detail: String)
        /// The connection is closed without an answer.
        case hangUp
        /// There is no answer, the connection stays.
        case silence
    }

    private let channel: any Channel
    private let log: RequestLog

    /// What was asked, in order.
    package var requests: [Request] { log.requests }

    package init(socketPath: String, answer: @escaping @Sendable (Request) -> Reply) async throws {
        let log = RequestLog()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(StubHandler(log: log, answer: answer))
                }
            }
            .bind(unixDomainSocketPath: socketPath).get()
    }

    /// A daemon in its place under a runtime directory; `answers` are by method and target, anything else is 404.
    package convenience init(
        _ service: ServiceName, in runtimeDirectory: String, answers: [String: Reply]
    ) async throws {
        let socket = service.adminSocket(in: runtimeDirectory)
        try FileManager.default.createDirectory(atPath: (socket as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try await self.init(socketPath: socket) { request in
            answers["\(request.method) \(request.target)"] ?? .problem(status: 404, detail: "there is nothing at \(request.target)")
        }
    }

    package func stop() async throws { try await channel.close() }
}

final class RequestLog: Sendable {
    private let log = Mutex<[StubDaemon.Request]>([])

    var requests: [StubDaemon.Request] { log.withLock { $0 } }

    func append(_ request: StubDaemon.Request) { log.withLock { $0.append(request) } }
}

private final class StubHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let log: RequestLog
    private let answer: @Sendable (StubDaemon.Request) -> StubDaemon.Reply
    private var request = StubDaemon.Request(method: "", target: "", headers: [:], body: "")

    init(log: RequestLog, answer: @escaping @Sendable (StubDaemon.Request) -> StubDaemon.Reply) {
        self.log = log
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
            request = .init(method: head.method.rawValue, target: head.uri, headers: headers, body: "")
        case .body(let part): request.body += String(buffer: part)
        case .end:
            log.append(request)
            reply(answer(request), context)
        }
    }

    private func reply(_ reply: StubDaemon.Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .json(let text, let status, let contentType): write(text, status, contentType, context)
        case .problem(let status, let detail):
            let problem = Problem(title: "Refused", status: status, detail: detail)
            let text = (try? AdminJSON.encode(problem)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            write(text, status, Problem.contentType, context)
        case .hangUp: context.close(promise: nil)
        case .silence: break
        }
    }

    private func write(_ text: String, _ status: Int, _ contentType: String, _ context: ChannelHandlerContext) {
        let body = ByteBuffer(string: text)
        var headers = HTTPHeaders([("Content-Type", contentType)])
        headers.add(name: "Content-Length", value: String(body.readableBytes))
        context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: .init(statusCode: status), headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
