import HTTPServer
import SagaConfiguration
import SagaTestSupport
import ServiceTestSupport
import Testing

/// How many may be connected and wait, and who gives way.
@Suite(.timeLimit(.minutes(1))) struct ConnectionPlaceTests {
    @Test func `the waits of one client are bounded by its connections: the oldest give way to others, with an answer`() async throws {
        try await OrderInProcess.run { service in
            let id = try await RESTClient(service).place()
            // The operators' socket has fewest places.
            var waiting: [HTTPConnection] = []
            for count in 1..<64 {
                let connection = try await HTTPConnection(service.admin.address)
                try await connection.send(HTTPClient.request("GET", "/orders/\(id)?wait=60s"))
                try await service.time.sleeper(for: .seconds(60), count: count)
                waiting.append(connection)
            }
            let next = try await HTTPConnection(service.admin.address)
            try await next.send(HTTPClient.request("GET", "/livez"))
            #expect(try await next.answer().status == 200)
            let answer = try await waiting[0].answer()
            #expect(answer.status == 200)
            #expect(answer["Connection"] == "close")
            #expect(try answer.json["status"]?.string == "PENDING")
            #expect(!waiting[1].hasEnded)
            let reasons = try await service.rest.get("/readyz").json["reasons"]?.array?.compactMap(\.string)
            #expect(reasons == ["all 64 places for admin connections are taken: those of the address that holds most give way"])
        }
    }

    @Test(arguments: [("evil.example", 421), ("localhost", 200), ("127.0.0.1", 200), ("[::1]:8081", 200), ("shop.example", 200)])
    func `a listener on loopback is for hosts that mean this machine, or are allowed`(_ host: String, _ status: Int) async throws {
        try await OrderInProcess.run(configure: { $0.allowedHosts = ["shop.example"] }) { service in
            let connection = try await HTTPConnection(service.rest.address)
            try await connection.send("GET /livez HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(try await connection.answer().status == status)
            // Whoever else can reach it knows it by any name.
            let network = try await HTTPConnection(try service.rest(from: "192.0.2.1", at: .network).address)
            try await network.send("GET /livez HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(try await network.answer().status == 200)
        }
    }

    @Test func `pages of others are refused on both, and on no admin socket`() async throws {
        try await OrderInProcess.run { service in
            let network = try service.rest(from: "192.0.2.1", at: .network)
            for (client, origin, status) in [
                (service.rest, "http://evil.example", 403), (network, "http://evil.example", 403), (service.rest, "null", 403),
                (service.rest, "http://localhost", 200), (service.admin, "http://evil.example", 200),
            ] {
                let answer = try await client.get("/livez", headers: [("Origin", origin)])
                #expect(answer.status == status, "\(origin)")
            }
        }
    }
}
