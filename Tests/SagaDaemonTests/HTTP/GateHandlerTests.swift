import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import HTTPServer
import SagaTestSupport
import Testing

@Suite struct GateHandlerTests {
    /// Refuses all new orders.
    private struct ClosedGate: RequestGate {
        let condition: String? = nil

        let route = "/orders"

        func guards(_ request: HTTPRequest) -> Bool { request.method == .post && request.path?.prefix { $0 != "?" } == route[...] }
        func refusal(for client: ClientAddress) -> Refusal? { Refusal(.unavailable("closed")) }
        func left(_ status: HTTPResponse.Status?, after delay: Duration) {}
    }

    @Test(.timeLimit(.minutes(1))) func `who waits to be asked for a body is refused without it`() async throws {
        let listener = try await Self.listener()
        let port = try #require(listener.localAddress?.port)
        try await withThrowingTaskGroup { group in
            group.addTask { try await listener.run() }
            let connection = try await HTTPConnection(.tcp(port: port))
            try await connection.send(
                HTTPClient.request("POST", "/orders", body: [])
                    + HTTPClient.request("GET", "/")
                    + HTTPClient.request("POST", "/orders", headers: [("Expect", "100-continue"), ("Content-Length", "9")]))
            for status in [503, 204, 503] { #expect(try await connection.answer().status == status) }
            try await connection.closed()
            group.cancelAll()
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: ["/orders", "/orders/", "//orders", "/./orders", "/x/../orders", "/%6Frders", "http://localhost/orders", "/orders?"])
    func `no spelling of a path gets past the gate`(_ target: String) async throws {
        let listener = try await Self.listener()
        let port = try #require(listener.localAddress?.port)
        try await withThrowingTaskGroup { group in
            group.addTask { try await listener.run() }
            let connection = try await HTTPConnection(.tcp(port: port))
            try await connection.send(HTTPClient.request("POST", target, body: []))
            #expect(try await connection.answer().status == 503)
            group.cancelAll()
        }
    }

    private static func listener() async throws -> HTTPListener {
        try await HTTPListener.bind(
            .tcp(host: "127.0.0.1", port: 0), group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"),
            places: ConnectionPlaces("rest", limit: 8), gate: ClosedGate()
        ) { _, _, _ in
            Response(status: .noContent)
        }
    }
}
