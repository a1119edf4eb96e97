import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import HTTPServer
import SagaTestSupport
import ServiceLifecycle
import Testing

/// A listener in this process, with routes that do nothing but take their time.
final class TestListener: Sendable {
    let port: Int
    let places: ConnectionPlaces
    /// How many requests have begun, by path.
    let begun = Observed<[String: Int]>([:])
    let refusals: Observed<[ConnectionPlaces.Refusal]>
    private let blocked: Observed<Bool>
    private let group: ServiceGroup

    /// What `/page` answers with.
    static let page = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)

    private init(
        _ listener: HTTPListener, _ places: ConnectionPlaces, _ refusals: Observed<[ConnectionPlaces.Refusal]>, _ blocked: Observed<Bool>
    ) throws {
        port = try #require(listener.localAddress?.port)
        self.places = places
        self.refusals = refusals
        self.blocked = blocked
        group = ServiceGroup(services: [listener], logger: Logger(label: "test"))
    }

    /// Runs a test with it. Nothing is left when this returns.
    static func run(
        limit: Int = 64, unwritten: Int = 64 << 20, farewell: TimeAmount = .milliseconds(500), silence: TimeAmount = .seconds(60),
        _ body: @escaping @Sendable (TestListener) async throws -> Void
    ) async throws {
        let refusals = Observed<[ConnectionPlaces.Refusal]>([])
        let blocked = Observed(true)
        let places = ConnectionPlaces(
            "rest", limit: limit, unwritten: unwritten, farewell: farewell, silence: silence,
            refused: { refusal in refusals.change { $0.append(refusal) } })
        let this = Observed<TestListener?>(nil)
        let listener = try await HTTPListener.bind(
            .tcp(host: "127.0.0.1", port: 0), group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"), places: places
        ) { request, _, place in
            this.state?.begun.change { $0[request.uri.path, default: 0] += 1 }
            switch request.uri.path {
            case "/wait": await place.wait { try? await Task.sleep(for: .seconds(300)) }
            case "/work": _ = try? await blocked.wait(for: "leave to go on", within: .seconds(300)) { $0 ? nil : () }
            case "/page": return Response(status: .ok, body: .init(byteBuffer: .init(bytes: page)))
            default: break
            }
            return Response(status: .noContent)
        }
        let test = try TestListener(listener, places, refusals, blocked)
        this.change { $0 = test }
        try await withThrowingTaskGroup { group in
            group.addTask { try await test.group.run() }
            try await body(test)
            test.finishWork()
            await test.stop()
            try await group.waitForAll()
        }
    }

    /// As on SIGTERM; does not wait for the end.
    func stop() async {
        await group.triggerGracefulShutdown()
    }

    /// Answers `/work`, also what comes later.
    func finishWork() {
        blocked.change { $0 = false }
    }

    func connection() async throws -> HTTPConnection {
        try await HTTPConnection(.tcp(port: port))
    }

    /// Connects and sends, and returns when the request is at its route.
    func asking(_ path: String) async throws -> HTTPConnection {
        let connection = try await connection()
        let count = begun.state[path] ?? 0
        try await connection.send(HTTPClient.request("GET", path))
        try await begun.wait(for: "request for \(path)") { ($0[path] ?? 0) > count ? () : nil }
        return connection
    }
}
