import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

extension RESTTests {
    /// Bodies and headers that are too large, too slow or of the wrong kind.
    @Suite struct Limits {
        let orders = try! RESTClient(.order)

        private static func body(length: Int) -> String {
            RESTClient.body() + String(repeating: " ", count: length - RESTClient.body().utf8.count)
        }

        @Test func `Fault 33, a huge body: 64 KiB are read, one byte more is 413`() async throws {
            #expect(try await orders.post("/orders", json: Limits.body(length: 64 * 1024)).status == 201)
            #expect(try await orders.post("/orders", json: Limits.body(length: 64 * 1024 + 1)).status == 413)
        }

        @Test func `a body that announces to be too large is refused before it comes`() async throws {
            let connection = try await HTTPConnection(orders.client.address)
            try await connection.send("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\n\r\n")
            let answer = try await connection.answer()
            #expect(answer.status == 413)
            orders.check(answer, to: "POST", "/orders")
        }

        @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", "application/xml", "json", "application/json5", ""])
        func `another content type than JSON is 415`(_ type: String) async throws {
            #expect(try await orders.post("/orders", json: RESTClient.body(), headers: [("Content-Type", type)]).status == 415)
        }

        @Test(arguments: ["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"])
        func `JSON is JSON, however it is written`(_ type: String) async throws {
            #expect(try await orders.post("/orders", json: RESTClient.body(), headers: [("Content-Type", type)]).status == 201)
        }

        @Test(arguments: [
            "X-Large: \(String(repeating: "x", count: 100_000))", (0..<1000).map { "X-Field-\($0): x" }.joined(separator: "\r\n"),
            (0..<40).map { "X-\($0): \(String(repeating: "x", count: 1000))" }.joined(separator: "\r\n"),
        ])
        func `a head that is too large is refused, and the connection closed`(_ fields: String) async throws {
            let connection = try await HTTPConnection(orders.client.address)
            try await connection.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n")
            #expect([400, 431].contains(try await connection.answer().status))
            try await connection.closed()
            #expect(try await orders.get("/livez").status == 200)
        }

        @Test(arguments: [
            "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n",
            "POST /orders HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        ])
        func `what is not HTTP ends the connection and nothing else`(_ bytes: String) async throws {
            let connection = try await HTTPConnection(orders.client.address)
            try await connection.send(bytes)
            try await connection.closed()
            #expect(try await orders.get("/livez").status == 200)
        }

        @Test func `a client that goes away in the middle of a request leaves no order`() async throws {
            let connection = try await HTTPConnection(orders.client.address)
            let body = RESTClient.body(user: 808)
            try await connection.send(
                "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count + 1)\r\n\r\n\(body)"
            )
            connection.close()
            try await connection.closed()
            // A later request is behind it in the daemon.
            _ = try await orders.place()
            let page = try await orders.get("/orders?limit=500").json
            #expect(page["orders"]?.array?.contains { $0["userId"]?.integer == 808 } == false)
        }
    }
}
