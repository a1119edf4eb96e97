import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

extension RESTTests {
    /// HTTP as other servers speak it, byte by byte.
    @Suite struct Manners {
        let orders = try! RESTClient(.order)

        private func exchange(_ request: String, answers: Int = 1) async throws -> (answers: [HTTPAnswer], connection: HTTPConnection) {
            let connection = try await HTTPConnection(orders.client.address)
            try await connection.send(request)
            var found: [HTTPAnswer] = []
            for _ in 0..<answers { found.append(try await connection.answer()) }
            return (found, connection)
        }

        @Test(arguments: [
            ("FOO /livez HTTP/1.1\r\nHost: a\r\n\r\n", 501), ("get /livez HTTP/1.1\r\nHost: a\r\n\r\n", 501),
            ("GET /livez HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("GET /livez HTTP/3.0\r\nHost: a\r\n\r\n", 505),
            ("GET /livez HTTP/x\r\nHost: a\r\n\r\n", 400), ("\u{16}\u{3}\u{1} garbage\r\n\r\n", 400),
            ("POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
            ("POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400),
            ("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9223372036854775808\r\n\r\n", 400),
            ("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
            ("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9223372036854775807\r\n\r\n", 413),
            ("POST /orders HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("GET orders HTTP/1.1\r\nHost: localhost\r\n\r\n", 400), ("GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ])
        func `what is no request of ours is refused at once, behind the answers before it`(_ request: String, _ status: Int) async throws {
            for earlier in ["", "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
                let (answers, connection) = try await exchange(earlier + request, answers: earlier.isEmpty ? 1 : 2)
                let answer = try #require(answers.last)
                #expect(answer.status == status)
                #expect(answer["Content-Type"] == "application/problem+json")
                #expect(answer["Connection"] == "close")
                #expect(answer["Date"]?.hasSuffix(" GMT") == true)
                try await connection.closed()
            }
        }

        @Test func `a head that is too large waits for the answer before it`() async throws {
            let alone = try RESTClient(.order)
            let id = try await alone.place()
            let (answers, connection) = try await exchange(
                "GET /orders/\(id)?wait=10s HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\nX: "
                    + String(repeating: "x", count: 40_000) + "\r\n\r\n", answers: 2)
            #expect(answers.map(\.status) == [200, 431])
            #expect(answers[1]["Content-Type"] == "application/problem+json")
            try await connection.closed()
        }

        @Test(arguments: ["close", "Close", "keep-alive, close", "x , CLOSE"])
        func `a connection is closed when any word says so`(_ words: String) async throws {
            let (answers, connection) = try await exchange("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: \(words)\r\n\r\n")
            #expect(answers[0].status == 200)
            #expect(answers[0]["Connection"] == "close")
            try await connection.closed()
        }

        @Test func `a connection of HTTP/1.0 is kept where its client asks for that, and told so`() async throws {
            let request = "GET /livez HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"
            let (answers, connection) = try await exchange(request)
            #expect(answers[0]["Connection"] == "keep-alive")
            try await connection.send(request)
            #expect(try await connection.answer().status == 200)
            try await connection.send("GET /livez HTTP/1.0\r\n\r\n")
            #expect(try await connection.answer()["Connection"] == "close")
            try await connection.closed()
        }

        @Test(arguments: ["TRACE", "PROPFIND", "CONNECT", "M-SEARCH", "PURGE", "LOCK", "QUERY"])
        func `a registered method is refused with those that the path is for`(_ method: String) async throws {
            let answer = try await orders.client.ask(method, "/orders")
            #expect(answer.status == 405)
            #expect(answer["Allow"] == "GET, HEAD, POST")
        }

        @Test func `the server as a whole has options`() async throws {
            #expect(try await orders.client.ask("OPTIONS", "*").status == 204)
        }

        @Test(arguments: ["http://localhost/livez", "//livez/", "/./livez", "/%6civez", "http://127.0.0.1:1/x/..//livez"])
        func `every spelling of a path is that path`(_ target: String) async throws {
            #expect(try await orders.client.ask("GET", target).status == 200)
            #expect(try await orders.client.ask("POST", target).status == 405)
        }

        @Test func `the host of the target counts, not the field`() async throws {
            #expect(try await orders.client.ask("GET", "http://evil.example/livez").status == 421)
            let (answers, _) = try await exchange("GET http://localhost/livez HTTP/1.1\r\nHost: evil.example\r\n\r\n")
            #expect(answers[0].status == 200)
        }

        @Test func `pages of others and names of others are refused, and nothing is done`() async throws {
            let user = Int.random(in: 1000..<1 << 52)
            let body = RESTClient.body(user: user)
            for origin in ["http://evil.example", "null", ""] {
                #expect(try await orders.post("/orders", json: body, headers: [("Origin", origin)]).status == 403)
            }
            let (answers, _) = try await exchange("GET /orders HTTP/1.1\r\nHost: evil.example\r\n\r\n")
            #expect(answers[0].status == 421)
            #expect(try await orders.get("/orders?userId=\(user)").text == #"{"orders":[]}"#)
            #expect(try await orders.get("/livez", headers: [("Origin", "http://localhost")]).status == 200)
        }

        @Test(
            arguments: [
                ([("Content-Type", "")], 415), ([("Content-Type", "text/plain")], 415),
                ([("Content-Type", "application/json; charset=latin1")], 415),
                ([("Content-Type", "application/json;charset=\"UTF-8\"")], 201),
                ([("Content-Type", "Application/JSON ; charset=utf-8")], 201),
                ([("Content-Type", "application/json"), ("Content-Encoding", "gzip")], 415),
                ([("Content-Type", "application/json"), ("Content-Encoding", "identity")], 201),
                ([("Content-Type", "application/json x")], 415),
            ] as [([(String, String)], Int)])
        func `a body is JSON in UTF-8 and says so`(_ headers: [(String, String)], _ status: Int) async throws {
            let answer = try await orders.ask("POST", "/orders", headers: headers, body: Array(RESTClient.body().utf8))
            #expect(answer.status == status)
        }

        @Test(arguments: ["GET /livez", "POST /orders", "POST /orders/1/cancel", "PUT /orders", "GET /nowhere"])
        func `a body that is too large is 413 on every route, however its length is said`(_ line: String) async throws {
            let length = try await exchange(
                "\(line) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 65537\r\n\r\n")
            #expect(length.answers[0].status == 413)
            let chunks = "4000\r\n" + String(repeating: " ", count: 0x4000) + "\r\n"
            let chunked = try await exchange(
                "\(line) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: chunks, count: 5) + "0\r\n\r\n")
            #expect(chunked.answers[0].status == 413)
        }
    }
}
