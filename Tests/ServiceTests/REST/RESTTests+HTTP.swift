import AdminAPI
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

extension RESTTests {
    /// What is true of every route of every service.
    @Suite struct HTTP {
        @Test(
            arguments: ServiceName.allCases,
            ["/", "/nowhere", "/orders/1/2/3", "/admin", "/status", "/metrics", "/dead-letters", "/config", "/stock/1"])
        func `a path that is not there is 404, those of the operator too`(_ service: ServiceName, _ path: String) async throws {
            let answer = try await RESTClient(service).get(path)
            #expect(answer.status == 404)
            #expect(try answer.json["status"]?.integer == 404)
        }

        @Test(arguments: [
            (ServiceName.order, "DELETE", "/orders", "GET, HEAD, POST"), (.order, "PUT", "/orders/1", "GET, HEAD"),
            (.order, "GET", "/orders/1/cancel", "POST"), (.order, "HEAD", "/orders/1/cancel", "POST"),
            (.order, "OPTIONS", "/orders", "GET, HEAD, POST"),
            (.inventory, "POST", "/inventory", "GET, HEAD"), (.inventory, "PUT", "/inventory/1", "GET, HEAD"),
            (.payment, "PATCH", "/payments", "GET, HEAD"), (.payment, "POST", "/livez", "GET, HEAD"),
        ])
        func `a method that a path does not know is 405`(
            _ service: ServiceName, _ method: String, _ path: String, _ allowed: String
        ) async throws {
            let answer = try await RESTClient(service).ask(method, path)
            #expect(answer.status == 405)
            #expect(answer["Allow"] == allowed)
        }

        @Test(arguments: ServiceName.allCases) func `no route takes a query parameter that it does not know`(_ service: ServiceName)
            async throws
        {
            let client = try RESTClient(service)
            for route in try service.contract().routes {
                let (method, path) = (String(route.prefix { $0 != " " }), route.drop { $0 != " " }.dropFirst())
                let target = path.replacing("{orderId}", with: "019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e").replacing("{productId}", with: "1")
                let answer = try await client.ask(method, target + "?nosuch=1")
                #expect(answer.status == 400, "\(route)")
                #expect(try answer.json["detail"]?.string?.contains("nosuch") == true)
                #expect(try await client.ask(method, target + "?").status != 400 || method == "POST", "\(route)")
            }
        }

        @Test(arguments: ServiceName.allCases) func `no operator's route does either`(_ service: ServiceName) async throws {
            let admin = try #require(SuiteInProcess.current).admin(service)
            for route in AdminRoute.all where route.services.contains(service) {
                let answer = try await admin.ask(route.method.rawValue, route.target(["1"]) + "?nosuch=1")
                #expect(answer.status == 400, "\(route.template)")
                #expect(try answer.json["detail"]?.string?.contains("nosuch") == true)
            }
        }

        @Test(arguments: [
            (ServiceName.order, "/livez"), (.order, "/readyz"), (.order, "/openapi.json"), (.order, "/orders"), (.inventory, "/inventory"),
            (.inventory, "/inventory/1"), (.inventory, "/inventory/999"), (.payment, "/payments"), (.payment, "/payments/1"),
        ])
        func `HEAD is GET without the body`(_ service: ServiceName, _ path: String) async throws {
            let client = try RESTClient(service)
            let connection = try await HTTPConnection(client.client.address)
            try await connection.send(HTTPClient.request("HEAD", path) + HTTPClient.request("GET", "/livez"))
            let head = try await connection.answer(to: "HEAD")
            client.check(head, to: "HEAD", path)
            // Had there been a body, this would not be an answer.
            #expect(try await connection.answer().text == #"{"status":"alive"}"#)
            let get = try await client.get(path)
            #expect(head.status == get.status)
            #expect(head["Content-Type"] == get["Content-Type"])
        }

        @Test func `one connection carries many requests, also behind a refusal`() async throws {
            let orders = try RESTClient(.order)
            let connection = try await HTTPConnection(orders.client.address)
            for (method, target, body, status) in [
                ("GET", "/livez", nil, 200), ("GET", "/nowhere", nil, 404), ("POST", "/orders", "{", 400), ("POST", "/orders", "{}", 422),
                ("POST", "/orders", RESTClient.body(), 201), ("POST", "/nowhere", "some body", 404), ("GET", "/orders?limit=1", nil, 200),
            ] as [(String, String, String?, Int)] {
                try await connection.send(HTTPClient.request(method, target, body: body.map { Array($0.utf8) }))
                let answer = try await connection.answer(to: method)
                #expect(answer.status == status)
                orders.check(answer, to: method, target)
            }
        }

        @Test func `requests sent at once are answered in order`() async throws {
            let connection = try await HTTPConnection(try RESTClient(.order).client.address)
            let targets = ["/livez", "/orders?limit=1", "/nowhere", "/orders?limit=0", "/livez"]
            try await connection.send(
                HTTPClient.request("POST", "/orders", body: Array(RESTClient.body().utf8))
                    + targets.flatMap { HTTPClient.request("GET", $0) })
            #expect(try await connection.answer().status == 201)
            for status in [200, 200, 404, 400, 200] { #expect(try await connection.answer().status == status) }
        }

        @Test func `a request in pieces is a request`() async throws {
            let connection = try await HTTPConnection(try RESTClient(.order).client.address)
            for byte in HTTPClient.request("POST", "/orders", body: Array(RESTClient.body().utf8)) { try await connection.send([byte]) }
            #expect(try await connection.answer().status == 201)
        }

        @Test func `a body in chunks is a body`() async throws {
            let connection = try await HTTPConnection(try RESTClient(.order).client.address)
            try await connection.send(
                HTTPClient.request(
                    "POST", "/orders", headers: [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")]))
            for byte in RESTClient.body().utf8 { try await connection.send("1\r\n\(Character(Unicode.Scalar(byte)))\r\n") }
            try await connection.send("0\r\n\r\n")
            #expect(try await connection.answer().status == 201)
        }

        @Test func `a client that waits to be asked for its body is asked, once it is its turn`() async throws {
            let connection = try await HTTPConnection(try RESTClient(.order).client.address)
            let body = RESTClient.body()
            let waiting = [("Content-Type", "application/json"), ("Expect", "100-Continue"), ("Content-Length", "\(body.utf8.count)")]
            try await connection.send(
                HTTPClient.request("GET", "/livez") + HTTPClient.request("POST", "/orders", headers: waiting))
            #expect(try await connection.answer().status == 200)
            #expect(try await connection.answer().status == 100)
            try await connection.send(body)
            #expect(try await connection.answer().status == 201)
            try await connection.send(HTTPClient.request("GET", "/livez"))
            #expect(try await connection.answer().status == 200)
        }

        @Test(arguments: [
            ("POST", "/orders", [("Expect", "100-continue"), ("Content-Length", "65537")], 413),
            ("POST", "/orders", [("Expect", "100-continue"), ("Content-Length", "9"), ("Content-Type", "text/plain")], 415),
            ("POST", "/nowhere", [("Expect", "100-continue"), ("Content-Length", "9")], 404),
            ("PUT", "/orders", [("Expect", "100-continue"), ("Content-Length", "9")], 405),
            ("POST", "/orders", [("Expect", "200-ok"), ("Content-Length", "9")], 417), ("GET", "/livez", [("Expect", "")], 417),
        ])
        func `a body that nobody will read is not asked for`(
            _ method: String, _ path: String, _ fields: [(String, String)], _ status: Int
        ) async throws {
            let connection = try await HTTPConnection(try RESTClient(.order).client.address)
            try await connection.send(HTTPClient.request(method, path, headers: fields))
            let answer = try await connection.answer(to: method)
            #expect(answer.status == status)
            #expect(answer["Content-Type"] == "application/problem+json")
            // It may come all the same, and must not be taken for a request.
            #expect(answer["Connection"] == "close")
        }

        @Test(arguments: ServiceName.allCases, ["", "Host: a\r\nHost: b\r\n"])
        func `a request that does not say for which host it is, or says it twice, is 400`(
            _ service: ServiceName, _ host: String
        ) async throws {
            let connection = try await HTTPConnection(try RESTClient(service).client.address)
            try await connection.send(HTTPClient.request("GET", "/livez") + Array("GET /livez HTTP/1.1\r\n\(host)\r\n".utf8))
            #expect(try await connection.answer().status == 200)
            let answer = try await connection.answer()
            #expect(answer.status == 400)
            #expect(answer["Content-Type"] == "application/problem+json")
            try await connection.closed()
        }

        @Test(arguments: [[("Expect", "200-ok")], [("Host", "another")]])
        func `nothing is done for a request behind one that closes the connection`(_ fields: [(String, String)]) async throws {
            let orders = try RESTClient(.order)
            let connection = try await HTTPConnection(orders.client.address)
            let key = "behind-\(fields[0].0)"
            let body = Array(RESTClient.body().utf8)
            try await connection.send(
                HTTPClient.request("GET", "/livez", headers: fields)
                    + HTTPClient.request("POST", "/orders", headers: [("Idempotency-Key", key)], body: body))
            #expect(try await connection.answer()["Connection"] == "close")
            try await connection.closed()
            // With another body the key would be refused, had it been used.
            #expect(try await orders.post("/orders", json: RESTClient.body(quantity: 2), headers: [("Idempotency-Key", key)]).status == 201)
        }

        @Test func `HTTP/1.0 has no hosts, no expectations and one request to a connection`() async throws {
            let connection = try await HTTPConnection(try RESTClient(.order).client.address)
            let body = RESTClient.body()
            try await connection.send(
                "POST /orders HTTP/1.0\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(try await connection.answer().status == 201)
            try await connection.closed()
        }

        @Test(arguments: ServiceName.allCases)
        func `the process is alive`(_ service: ServiceName) async throws {
            #expect(try await RESTClient(service).get("/livez").text == #"{"status":"alive"}"#)
        }

        @Test(arguments: ServiceName.allCases)
        func `the service is ready`(_ service: ServiceName) async throws {
            #expect(try await RESTClient(service).get("/readyz").text == #"{"reasons":[],"status":"ready"}"#)
        }

        @Test(arguments: ServiceName.allCases)
        func `the service describes itself`(_ service: ServiceName) async throws {
            let answer = try await RESTClient(service).get("/openapi.json")
            #expect(answer["Content-Type"] == "application/json")
            #expect(try OpenAPIContract(answer.body).routes == service.contract().routes)
        }

        @Test(arguments: ServiceName.allCases)
        func `the routes are on the admin socket too`(_ service: ServiceName) async throws {
            let suite = try #require(SuiteInProcess.current)
            let path = [ServiceName.order: "/orders?limit=1", .inventory: "/inventory/2", .payment: "/payments/1"][service]!
            let (rest, admin) = (try await suite.rest(service).get(path), try await suite.admin(service).get(path))
            #expect(admin.status == rest.status)
            #expect(admin["Content-Type"] == rest["Content-Type"])
            #expect(try await suite.admin(service).get("/livez").text == #"{"status":"alive"}"#)
        }
    }
}
