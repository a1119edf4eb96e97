import SagaTestSupport
import ServiceTestSupport
import Testing

/// What a service says of itself while it starts, works, cannot do all of it, and stops.
@Suite struct ReadinessTests {
    @Test func `not ready while starting: 503, but it lives and takes orders`() async throws {
        try await OrderInProcess.run(isStarting: true) { service in
            let orders = try RESTClient(service)
            let answer = try await orders.get("/readyz")
            #expect(answer.status == 503)
            #expect(answer["Retry-After"] == "1")
            #expect(try answer.json["detail"]?.string == "the service is starting")
            #expect(try await orders.get("/livez").text == #"{"status":"alive"}"#)
            #expect(try await orders.post("/orders", json: RESTClient.body()).status == 201)
        }
    }

    @Test func `degraded with all reasons, and ready again without`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            service.trouble(["payment cannot be reached"])
            #expect(try await service.admin.post("/pause", json: #"{"what":"consumption"}"#).status == 204)
            let degraded = try await orders.get("/readyz")
            #expect(degraded.status == 200)
            let reasons = try #require(try degraded.json["reasons"]?.array).compactMap(\.string)
            #expect(reasons.count == 2 && reasons[0] == "payment cannot be reached")
            service.trouble([])
            #expect(try await service.admin.post("/resume", json: #"{"what":"consumption"}"#).status == 204)
            #expect(try await orders.get("/readyz").text == #"{"reasons":[],"status":"ready"}"#)
        }
    }

    @Test func `not ready while it stops, said where somebody still asks`() async throws {
        try await OrderInProcess.run { service in
            service.stop()
            let answer = try await service.admin.get("/readyz")
            #expect(answer.status == 503)
            #expect(answer["Retry-After"] == "1")
            #expect(try answer.json["detail"]?.string == "the service is stopping")
        }
    }
}
