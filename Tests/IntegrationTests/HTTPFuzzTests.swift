import Foundation
import Fuzz
import Saga
import SagaTestSupport
import Testing
import Wire

/// Bytes that are nearly HTTP, at the ports and admin sockets of running daemons. `packaging/fuzz` runs it for longer, from another seed.
@Suite(.daemons(), .showingLogs) struct HTTPFuzzTests {
    private static let seconds = ProcessInfo.processInfo.environment["FUZZ_SECONDS"].flatMap { Double($0) } ?? 5
    private static let seed = ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    private static let words = [
        "GET ", "POST ", "PUT ", "DELETE ", "HEAD ", "OPTIONS ", "CONNECT ", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", " HTTP/1.1", " HTTP/1.0",
        " HTTP/9.9", "\r\n",
        "\r\n\r\n", "\n", "Host: x\r\n", "Content-Length: 3\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Expect: 100-continue\r\n",
        "Upgrade: h2c\r\nConnection: upgrade\r\n",
        "Connection: close\r\n", "Content-Type: text/plain\r\n", "Idempotency-Key: a\r\n", "0\r\n\r\n", "ffffffffffffffff\r\n", "3;x=y\r\n",
        "http://x/orders",
        "/orders", "/orders/", "?limit=", "&cursor=", "?wait=1ms", "/../", "//", "%2f", "%", "*", "{", "}", "\"userId\":", "null",
    ]

    private static let order = #"{"userId":1,"productId":1,"quantity":1,"amount":1000}"#

    /// Good requests to every route of every daemon, REST and admin.
    private static let requests: [[UInt8]] = {
        let id = "0198a1f0-5c00-7abc-8def-0123456789ab"
        let gets = [
            "/livez", "/readyz", "/openapi.json", "/orders?limit=5&status=PENDING", "/orders?cursor=\(id)", "/orders/\(id)?wait=1ms",
            "/inventory",
            "/inventory/1", "/reservations/\(id)", "/payments?limit=2", "/payments/\(id)", "/status", "/metrics", "/trace/\(id)", "/config",
            "/dead-letters", "/dead-letters/\(id)",
        ]
        let json = [("Content-Type", "application/json")]
        let changes: [(String, String, String)] = [
            ("POST", "/orders", order), ("POST", "/orders/\(id)/cancel", ""), ("POST", "/dead-letters/\(id)/retry", ""),
            ("DELETE", "/dead-letters/\(id)", ""), ("POST", "/events/republish", #"{"orderId":"\#(id)"}"#),
            ("POST", "/events/republish", #"{"since":"2026-01-31T12:00:00Z"}"#), ("PUT", "/log-level", #"{"logLevel":"warning"}"#),
            ("PUT", "/stock/1", #"{"available":1000}"#),
        ]
        return gets.map { HTTPClient.request("GET", $0) }
            + changes.map { HTTPClient.request($0, $1, headers: json + [("Idempotency-Key", "k")], body: Array($2.utf8)) }
            + [
                HTTPClient.request("POST", "/orders", headers: json + [("Transfer-Encoding", "chunked")])
                    + Array("\(String(order.utf8.count, radix: 16))\r\n\(order)\r\n0\r\n\r\n".utf8)
            ]
    }()

    @Test func `no bytes end a daemon, or make it answer with an error of its own`() async throws {
        let suite = try #require(DaemonSuite.current)
        let addresses = ServiceName.allCases.flatMap { [suite.rest($0), suite.admin($0)] }
        let end = ContinuousClock.now + .seconds(Self.seconds)
        let answered = try await withThrowingTaskGroup(of: Int.self) { group in
            for (lane, client) in addresses.enumerated() {
                group.addTask {
                    var mutator = Mutator(seed: Self.seed &* 1000 &+ UInt64(lane), words: Self.words)
                    var answered = 0
                    while ContinuousClock.now < end {
                        let bytes = mutator.mutation(of: Self.requests)
                        answered += try await Self.statuses(of: bytes, at: client).count
                    }
                    return answered
                }
            }
            return try await group.reduce(0, +)
        }
        // It would prove little if nothing came through.
        #expect(answered > 100)
        for service in ServiceName.allCases {
            #expect(try suite[service].isRunning)
            #expect(try await suite.rest(service).get("/livez").status == 200)
            #expect(try await suite.admin(service).get("/status").status == 200)
        }
        let orders = suite.rest(.order)
        let id = try #require(try await orders.post("/orders", json: Self.order).json["orderId"]?.string)
        #expect(try await orders.get("/orders/\(id)?wait=30s").json["status"]?.string != "PENDING")
    }

    /// What is answered to the bytes until the daemon closes the connection; no server error may be among it.
    private static func statuses(of bytes: [UInt8], at client: HTTPClient) async throws -> [Int] {
        let connection = try await HTTPConnection(client.address)
        defer { connection.close() }
        // The daemon may have closed it already.
        try? await connection.send(bytes)
        try? await connection.finish()
        let answer = try await connection.remainder(within: .seconds(30))
        let statuses = answer.matches(of: #/HTTP\/1\.[01] (\d\d\d) /#).compactMap { Int($0.1) }
        // What is not known here is the client's doing.
        if statuses.contains(where: { $0 >= 500 && ![501, 505].contains($0) }) {
            Issue.record(
                "\(client.address) answered \(answer.prefix(400).debugDescription)\nto \(String(decoding: bytes, as: UTF8.self).debugDescription)"
            )
        }
        return statuses
    }
}
