import Saga
import SagaTestSupport
import Testing
import Wire

extension OrderServiceAloneTests {
    @Suite struct Orders {
        let orders = try! RESTClient(.order)

        @Test func `waiting ends with the wait while nobody decides`() async throws {
            let id = try await orders.place()
            let start = ContinuousClock.now
            let answer = try await orders.get("/orders/\(id)?wait=300ms")
            let waited = ContinuousClock.now - start
            #expect(try answer.json["status"]?.string == "PENDING")
            #expect(waited >= .milliseconds(300) && waited < .seconds(10))
        }

        @Test func `waiting ends as soon as the order is decided`() async throws {
            let id = try await orders.place()
            let start = ContinuousClock.now
            async let waiting = [orders.get("/orders/\(id)?wait=60s"), orders.get("/orders/\(id)?wait=1h")]
            _ = try await orders.get("/orders/\(id)?wait=50ms")
            #expect(try await orders.post("/orders/\(id)/cancel").status == 200)
            for answer in try await waiting { #expect(try answer.json["status"]?.string == "CANCELED") }
            #expect(ContinuousClock.now - start < .seconds(20))
        }

        @Test(.timeLimit(.minutes(20))) func `a request that does not arrive is not answered before those in front of it`() async throws {
            let id = try await orders.place()
            let connection = try await HTTPConnection(orders.client.address)
            try await connection.send(
                HTTPClient.request("GET", "/orders/\(id)?wait=17s")
                    + HTTPClient.request("POST", "/orders", headers: [("Content-Type", "application/json"), ("Content-Length", "9")])
                    + Array("{".utf8))
            #expect(try await connection.answer().status == 200)
            #expect(try await connection.answer().status == 408)
        }

        @Test func `a client cancels an order, once`() async throws {
            let id = try await orders.place()
            let answer = try await orders.post("/orders/\(id)/cancel")
            #expect(answer.status == 200)
            let json = try answer.json
            let (created, updated) = (try #require(json["createdAt"]?.string), try #require(json["updatedAt"]?.string))
            #expect(
                answer.text
                    == #"{"orderId":"\#(id)","userId":1,"productId":1,"quantity":1,"amount":1000,"status":"CANCELED","reason":"CANCELED_BY_CLIENT","createdAt":"\#(created)","updatedAt":"\#(updated)"}"#
            )
            #expect(try await orders.post("/orders/\(id)/cancel").body == answer.body)
            #expect(try await orders.get("/orders/\(id)").body == answer.body)
        }

        @Test func `a pending order is listed as such until it is canceled`() async throws {
            let id = try await orders.place()
            let listed: (String) async throws -> Bool = { status in
                try await orders.get("/orders?status=\(status)&limit=1").json["orders"]?.array?.first?["orderId"]?.string == id
            }
            #expect(try await listed("PENDING"))
            _ = try await orders.post("/orders/\(id)/cancel")
            #expect(try await !listed("PENDING"))
            #expect(try await listed("CANCELED"))
        }

        @Test func `the service is ready but degraded, and says who is missing`() async throws {
            let json = try await orders.get("/readyz", until: "degraded")
            let reasons = try #require(json["reasons"]?.array).compactMap(\.string).joined()
            #expect(reasons.contains("inventory"))
            #expect(reasons.contains("payment"))
        }
    }
}
