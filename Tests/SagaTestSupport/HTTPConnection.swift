import NIOCore
import NIOPosix
import Synchronization

/// Where a daemon listens.
package enum HTTPAddress: Sendable {
    case tcp(port: Int)
    case unix(path: String)
    /// Nowhere: it is in this process.
    case inProcess(any InProcessServer)
}

/// A server that is reached without a socket.
package protocol InProcessServer: Sendable {
    /// - Parameter client: is to get what the server sends, and its end.
    func connect(_ client: HTTPConnection.Incoming) async throws -> any HTTPConnection.Line
}

/// A connection over which a test says exactly what it wants to say, byte by byte, and reads the answers one after the other.
package final class HTTPConnection: Sendable {
    /// What has come and was not read yet.
    package struct Received: Sendable {
        package var bytes: [UInt8] = []
        package var hasEnded = false
        /// By more than its end.
        var wasReset = false
    }

    package typealias Incoming = Observed<Received>

    /// What carries the bytes to the server.
    package protocol Line: Sendable {
        func send(_ bytes: [UInt8]) async throws
        /// Nothing more will be sent.
        func finish() async throws
        func close()
    }

    private let line: any Line
    private let incoming: Incoming

    package init(_ address: HTTPAddress) async throws {
        let incoming = Observed(Received())
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(incoming)) }
            }
        line =
            switch address {
            case .tcp(let port): Socket(channel: try await bootstrap.connect(host: "127.0.0.1", port: port).get())
            case .unix(let path): Socket(channel: try await bootstrap.connect(unixDomainSocketPath: path).get())
            case .inProcess(let server): try await server.connect(incoming)
            }
        self.incoming = incoming
    }

    deinit {
        line.close()
    }

    package func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    package func send(_ bytes: [UInt8]) async throws {
        try await line.send(bytes)
    }

    /// Reads the next answer.
    ///
    /// - Parameter method: of the request that is answered; the answer to HEAD has no body, whatever its headers say.
    package func answer(to method: String = "GET", within limit: Duration = .seconds(75)) async throws -> HTTPAnswer {
        let found = try await incoming.wait(for: "answer", within: limit) { incoming -> Result<HTTPAnswer, Closed>? in
            if let (answer, length) = HTTPAnswer.parse(incoming.bytes, to: method) {
                incoming.bytes.removeFirst(length)
                return .success(answer)
            }
            return incoming.hasEnded ? .failure(Closed(bytes: incoming.bytes)) : nil
        }
        return try found.get()
    }

    /// Returns when the server has closed the connection.
    package func closed(within limit: Duration = .seconds(30)) async throws {
        try await incoming.wait(for: "end of the connection", within: limit) { $0.hasEnded ? () : nil }
    }

    /// All that is still to come, until the server closes the connection.
    package func remainder(within limit: Duration = .seconds(30)) async throws -> String {
        String(
            decoding: try await incoming.wait(for: "end of the connection", within: limit) { $0.hasEnded ? $0.bytes : nil }, as: UTF8.self)
    }

    /// What has come so far and was not read as an answer, once `text` is in it: of answers that go on and on.
    @discardableResult
    package func received(_ text: String, within limit: Duration = .seconds(30)) async throws -> String {
        try await incoming.wait(for: text, within: limit) { incoming in
            let all = String(decoding: incoming.bytes, as: UTF8.self)
            return all.contains(text) ? all : nil
        }
    }

    /// Says that nothing more will be sent; answers can still be read.
    package func finish() async throws {
        try await line.finish()
    }

    /// The server has closed it.
    package var hasEnded: Bool { incoming.state.hasEnded }

    /// It ended by more than the server's closing it.
    package var wasReset: Bool { incoming.state.wasReset }

    package func close() {
        line.close()
    }

    /// The connection ended before the answer did.
    package struct Closed: Error, CustomStringConvertible {
        package let bytes: [UInt8]

        package var description: String { "the connection was closed behind \(String(decoding: bytes, as: UTF8.self).debugDescription)" }
    }

    private struct Socket: Line {
        let channel: any Channel

        func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
        func finish() async throws { try await channel.close(mode: .output) }
        func close() { channel.close(promise: nil) }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let incoming: Incoming

        init(_ incoming: Incoming) {
            self.incoming = incoming
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            incoming.change { $0.bytes.append(contentsOf: buffer.readableBytesView) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            incoming.change { $0.hasEnded = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            incoming.change { ($0.hasEnded, $0.wasReset) = (true, true) }
            context.close(promise: nil)
        }
    }
}
