import SagaTestSupport
import ServiceTestSupport
import Testing

/// What becomes of connections with time, which is the test's.
@Suite struct ConnectionTimeTests {
    @Test func `Fault 33, a slow body: 408 and the connection closed, while others are served`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let connection = try await HTTPConnection(orders.client.address)
            try await connection.send(
                "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
            for _ in 0..<9 {
                await service.time.advance(by: .seconds(1))
                try await connection.send(" ")
            }
            _ = try await orders.place()
            #expect(!connection.hasEnded)
            await service.time.advance(by: .seconds(1))
            let answer = try await connection.answer()
            #expect(answer.status == 408)
            orders.check(answer, to: "POST", "/orders")
            try await connection.closed()
        }
    }

    @Test func `a request that does not arrive is not answered before those in front of it`() async throws {
        try await OrderInProcess.run { service in
            let id = try await RESTClient(service).place()
            let connection = try await HTTPConnection(service.rest.address)
            try await connection.send(
                HTTPClient.request("GET", "/orders/\(id)?wait=17s")
                    + HTTPClient.request("POST", "/orders", headers: [("Content-Type", "application/json"), ("Content-Length", "9")])
                    + Array("{".utf8))
            try await service.time.sleeper(for: .seconds(17))
            await service.time.advance(by: .seconds(17))
            #expect(try await connection.answer().status == 200)
            await service.time.advance(by: .seconds(10))
            #expect(try await connection.answer().status == 408)
        }
    }

    @Test func `who says nothing at first has ten seconds, who has spoken may be silent for longer`() async throws {
        try await OrderInProcess.run { service in
            let silent = try await HTTPConnection(service.rest.address)
            let patient = try await HTTPConnection(service.rest.address)
            try await patient.send(HTTPClient.request("GET", "/livez"))
            #expect(try await patient.answer().status == 200)
            await service.time.advance(by: .seconds(9))
            #expect(!silent.hasEnded)
            await service.time.advance(by: .seconds(1))
            try await silent.closed()
            await service.time.advance(by: .seconds(30))
            try await patient.send(HTTPClient.request("GET", "/livez"))
            #expect(try await patient.answer().status == 200)
        }
    }

    @Test func `while the service stops, a connection at rest is closed after half a second, and a waiting request is answered`()
        async throws
    {
        try await OrderInProcess.run { service in
            let id = try await RESTClient(service).place()
            let idle = try await HTTPConnection(service.rest.address)
            try await idle.send(HTTPClient.request("GET", "/livez"))
            #expect(try await idle.answer().status == 200)
            let waiting = try await HTTPConnection(service.rest.address)
            try await waiting.send(HTTPClient.request("GET", "/orders/\(id)?wait=60s"))
            try await service.time.sleeper(for: .seconds(60))
            service.stop()
            let answer = try await waiting.answer()
            #expect(answer.status == 200)
            #expect(answer["Connection"] == "close")
            #expect(try answer.json["status"]?.string == "PENDING")
            await service.time.advance(by: .milliseconds(500))
            #expect(try await idle.remainder().isEmpty)
        }
    }
}
