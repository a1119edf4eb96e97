import Glibc
import SagaTestSupport
import Testing

@testable import WebConsole

@Suite struct WebServerTests {
    private static let routes = ["/", "/page.js", "/events", "/trace/\(RunningPage.known)", "/nowhere"]

    // MARK: Who is let in

    @Test func `without the token everything is 401`() async throws {
        try await RunningPage.run { page in
            let wrong = String(page.token.dropLast()) + (page.token.hasSuffix("0") ? "1" : "0")
            let attempts: [(query: String, headers: [(String, String)])] = [
                ("", []), ("?token=", []), ("?token=\(wrong)", []), ("?other=\(page.token)", []),
                ("", [("Cookie", "sagactl-\(page.port)=\(wrong)")]),
                // Another server's on this machine.
                ("", [("Cookie", "sagactl-1=\(page.token)")]),
                ("", [("Authorization", "Bearer \(wrong)")]), ("", [("Authorization", page.token)]),
            ]
            for route in WebServerTests.routes {
                for (query, headers) in attempts {
                    let answer = try await page.client.get(route + query, headers: headers)
                    #expect(answer.status == 401, "\(route)\(query) \(headers)")
                    #expect(answer["content-type"] == "application/problem+json")
                    #expect(!answer.text.contains(page.token))
                    #expect(answer["set-cookie"] == nil)
                }
            }
        }
    }

    @Test func `the address lets the page in once, and the cookie from then on`() async throws {
        try await RunningPage.run { page in
            let first = try await page.client.get("/?token=\(page.token)")
            #expect(first.status == 200)
            #expect(first["content-type"] == "text/html; charset=utf-8")
            let cookie = try #require(first["set-cookie"])
            #expect(cookie == "sagactl-\(page.port)=\(page.token); Path=/; HttpOnly; SameSite=Strict")
            let kept = [("Cookie", "theme=dark; \(cookie.prefix { $0 != ";" })")]
            for route in ["/", "/page.js", "/trace/\(RunningPage.known)"] {
                let answer = try await page.client.get(route, headers: kept)
                #expect(answer.status == 200)
                #expect(answer["set-cookie"] == nil)
            }
        }
    }

    @Test func `every server has a token of its own`() {
        let tokens = Set((0..<100).map { _ in WebToken().text })
        #expect(tokens.count == 100)
        #expect(tokens.allSatisfy { $0.count == 64 })
    }

    @Test func `a name that was made to mean this machine is 421, a page of somebody else 403`() async throws {
        try await RunningPage.run { page in
            let connection = try await HTTPConnection(.tcp(port: page.port))
            try await connection.send("GET /?token=\(page.token) HTTP/1.1\r\nHost: rebound.example:\(page.port)\r\n\r\n")
            #expect(try await connection.answer().status == 421)
            for origin in ["http://rebound.example", "null", "http://localhost:1"] {
                #expect(try await page.get("/", headers: [("Origin", origin)]).status == 403, "\(origin)")
            }
        }
    }

    // MARK: What there is

    @Test func `the page consists of files that are all there, and of nothing else`() async throws {
        try await RunningPage.run { page in
            let index = try await page.get("/")
            var wanted = index.text.matches(of: #/(?:href|src)="([a-z.]+)"/#).map { String($0.1) }
            #expect(wanted == ["page.css", "page.js"])
            var files: [String: String] = [:]
            while let name = wanted.popLast() {
                guard files[name] == nil else { continue }
                let file = try await page.get("/\(name)")
                #expect(file.status == 200, "\(name)")
                #expect(file["x-content-type-options"] == "nosniff")
                #expect(file["content-type"] == (name.hasSuffix("css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8"))
                files[name] = file.text
                wanted += file.text.matches(of: #/from "\./([a-z.]+)"/#).map { String($0.1) }
            }
            #expect(Set(files.keys) == Set(PageFiles.parts.keys))
            // What came from outside stays text, and nothing is fetched from elsewhere.
            for (name, text) in files {
                for hole in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "https:"] {
                    #expect(!text.contains(hole), "\(name) has \(hole)")
                }
            }
            let policy = try #require(index["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"))
            #expect(!policy.contains("unsafe"))
            #expect(!index.text.contains("style=") && !index.text.contains("onclick"))
            #expect(index["cache-control"] == "no-store")
            #expect(index["referrer-policy"] == "no-referrer")
        }
    }

    @Test func `a timeline is JSON, and an order that nobody knows is 404`() async throws {
        try await RunningPage.run { page in
            let found = try await page.get("/trace/\(RunningPage.known.uppercased())")
            #expect(found.status == 200)
            #expect(found["content-type"] == "application/json")
            #expect(try found.json["orderId"]?.string == RunningPage.known)
            for (order, status) in [(RunningPage.unknown, 404), (RunningPage.away, 503), ("o-1", 400), ("..%2Fstatus", 400)] {
                let answer = try await page.get("/trace/\(order)")
                #expect(answer.status == status, "\(order)")
                #expect(answer["content-type"] == "application/problem+json")
            }
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH"]) func `nothing can be changed`(method: String) async throws {
        try await RunningPage.run { page in
            for route in ["/", "/events", "/trace/\(RunningPage.known)"] {
                let answer = try await page.client.ask(method, "\(route)?token=\(page.token)")
                #expect(answer.status == 405)
                #expect(answer["allow"] == "GET, HEAD")
            }
        }
    }

    // MARK: What is live

    @Test func `the live data are the choreography, then snapshots`() async throws {
        try await RunningPage.run { page in
            let watching = try await page.watching()
            let text = try await watching.received("event: snapshot\ndata: {\"number\":")
            #expect(text.contains("Content-Type: text/event-stream\r\n"))
            let begin = try #require(text.firstRange(of: "event: choreography\ndata: {\"participants\":[]}\n\n"))
            #expect(text[begin.upperBound...].contains("event: snapshot"))
        }
    }

    @Test func `a client that has gone leaves nothing behind, however it went`() async throws {
        try await RunningPage.run { page in
            let connection = try await page.watching()
            let directory = try TestDirectory()
            let program = try ProgramProcess.$directory.withValue("/bin") {
                try ProgramProcess(
                    "curl", ["--silent", "--no-buffer", "http://127.0.0.1:\(page.port)/events?token=\(page.token)"], in: directory.path,
                    label: "curl")
            }
            try await connection.received("event: snapshot")
            try await eventually("both of them") { await page.feed.count == 2 ? () : nil }
            try await connection.finish()
            try await eventually("one to have left") { await page.feed.count == 1 ? () : nil }
            program.signal(SIGKILL)
            try await eventually("the other to have left") { await page.feed.count == 0 ? () : nil }
            try await page.watching().received("event: snapshot")
        }
    }

    @Test func `at the end the connections of those who look are closed`() async throws {
        let connection = Observed<HTTPConnection?>(nil)
        try await RunningPage.run { page in
            let watching = try await page.watching()
            try await watching.received("event: snapshot")
            connection.change { $0 = watching }
        }
        let watching = try #require(connection.state)
        try await watching.closed()
    }
}
