import Foundation
import SagaTestSupport
import Testing

@testable import WebConsole

/// A page about nothing in particular, served in this process.
struct RunningPage: Sendable {
    let port: Int
    let token: String
    let client: HTTPClient
    /// How often the source was asked for a snapshot, and for each order's timeline.
    let snapshots: Observed<Int>
    let traces: Observed<[String: Int]>
    let feed: WebFeed

    static let known = "01936f0e-8a7b-7c3d-9e1f-2a3b4c5d6e7f"
    static let unknown = "01936f0e-8a7b-7c3d-9e1f-2a3b4c5d6e80"
    static let away = "01936f0e-8a7b-7c3d-9e1f-2a3b4c5d6e81"

    /// Nothing is left when this returns.
    static func run(_ body: @escaping @Sendable (RunningPage) async throws -> Void) async throws {
        let (snapshots, traces) = (Observed(0), Observed<[String: Int]>([:]))
        let source = WebSource(
            choreography: Data(#"{"participants":[]}"#.utf8),
            snapshot: {
                snapshots.change { $0 += 1 }
                return Data(#"{"number":\#(snapshots.state)}"#.utf8)
            },
            trace: { order in
                traces.change { $0[order, default: 0] += 1 }
                return switch order {
                case known: .found(Data(#"{"orderId":"\#(known)"}"#.utf8))
                case unknown: .unknown("nobody knows it")
                default: .unavailable("nobody answers")
                }
            })
        let token = WebToken()
        let feed = WebFeed(every: .milliseconds(20), source.snapshot)
        let server = try await WebServer(at: WebAddress(host: "127.0.0.1", port: 0), source: source, token: token, feed: feed)
        let port = try #require(URL(string: server.page)?.port)
        let page = RunningPage(
            port: port, token: token.text, client: HTTPClient(.tcp(port: port)), snapshots: snapshots, traces: traces, feed: feed)
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            try await body(page)
            group.cancelAll()
        }
    }

    func get(_ path: String, headers: [(String, String)] = []) async throws -> HTTPAnswer {
        try await client.get(path, headers: [("Authorization", "Bearer \(token)")] + headers)
    }

    /// A page that is open.
    func watching() async throws -> HTTPConnection {
        let connection = try await HTTPConnection(.tcp(port: port))
        try await connection.send(HTTPClient.request("GET", "/events?token=\(token)"))
        return connection
    }
}
