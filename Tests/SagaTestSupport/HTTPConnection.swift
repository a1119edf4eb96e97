import NIOCore
import NIOPosix
import Synchronization

/// Where a daemon listens.
package enum HTTPAddress: Sendable {
    case tcp(port: Int)
    case unix(path: String)
}

/// A connection over which a test says exactly what it wants to say, byte by byte, and reads the answers one after the other.
package final class HTTPConnection: Sendable {
    fileprivate struct Incoming: Sendable {
        var bytes: [UInt8] = []
        var hasEnded = false
        /// By more than its end.
        var wasReset = false
    }

    private let channel: any Channel
    private let incoming: Observed<Incoming>

    package init(_ address: HTTPAddress) async throws {
        let incoming = Observed(Incoming())
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(incoming)) }
            }
        channel =
            switch address {
            case .tcp(let port): try await bootstrap.connect(host: "127.0.0.1", port: port).get()
            case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            }
        self.incoming = incoming
    }

    deinit {
        channel.close(promise: nil)
    }

    package func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    package func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
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
        try await channel.close(mode: .output)
    }

    /// It ended by more than the server's closing it.
    package var wasReset: Bool { incoming.state.wasReset }

    package func close() {
        channel.close(promise: nil)
    }

    /// The connection ended before the answer did.
    package struct Closed: Error, CustomStringConvertible {
        package let bytes: [UInt8]

        package var description: String { "the connection was closed behind \(String(decoding: bytes, as: UTF8.self).debugDescription)" }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let incoming: Observed<Incoming>

        init(_ incoming: Observed<Incoming>) {
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
