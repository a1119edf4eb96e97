import OrderService
import Saga
import SagaConfiguration
import SagaStore
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// What `POST /orders` stores, publishes and answers.
@Suite struct PlacingOrderTests {
    private static let terms = #"{"userId":1,"productId":2,"quantity":3,"amount":1000}"#

    @Test func `an order is stored, published and answered with its place`() async throws {
        try await OrderInProcess.run { service in
            let answer = try await RESTClient(service).post("/orders", json: PlacingOrderTests.terms)
            #expect(answer.status == 201)
            let id = try #require(try answer.json["orderId"]?.string)
            #expect(answer["Location"] == "/orders/\(id)")
            #expect(
                answer.text
                    == #"{"orderId":"\#(id)","userId":1,"productId":2,"quantity":3,"amount":1000,"status":"PENDING","createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"}"#
            )
            let order = try #require(OrderID(id))
            let stored = try #require(try await service.read { try $0.order(order) })
            #expect(stored.status == .pending && stored.inventory == .unknown && stored.payment == .unknown)
            #expect(stored.terms == OrderTerms(orderID: order, userID: 1, productID: 2, quantity: 3, amount: 1000))
            let event = try #require(service.published().first)
            #expect(service.published().count == 1)
            #expect(event.type == .orderCreated && event.orderID == order && event.causation == nil)
            #expect(event.body == SagaEvent.orderCreated(stored.terms).encoded())
        }
    }

    @Test func `a client's trace is that of the order and of its events, a malformed one is ignored`() async throws {
        try await OrderInProcess.run { service in
            let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            for (header, isFollowed) in [(parent, true), ("00-0-0-01", false)] {
                let count = service.published().count
                let answer = try await service.rest.post("/orders", json: PlacingOrderTests.terms, headers: [("traceparent", header)])
                #expect(answer.status == 201)
                let event = try #require(service.published().dropFirst(count).first)
                #expect((event.trace.traceID == 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c) == isFollowed)
                #expect((event.trace == TraceContext(order: event.orderID)) == !isFollowed)
            }
        }
    }

    @Test func `the same key and body make one order, another body is 422, and only what was accepted is kept`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let place = { (body: String) in try await orders.post("/orders", json: body, headers: [("Idempotency-Key", "k")]) }
            #expect(try await place(#"{"userId":0}"#).status == 422)
            let first = try await place(PlacingOrderTests.terms)
            #expect(first.status == 201)
            let id = try #require(try first.json["orderId"]?.string)
            try await orders.cancel(id)
            let again = try await place(PlacingOrderTests.terms)
            #expect(again.status == 201 && again.body == first.body && again["Location"] == first["Location"])
            #expect(try await place(PlacingOrderTests.terms + " ").status == 422)
            #expect(service.published().map(\.type) == [.orderCreated, .orderCanceled])
        }
    }

    @Test func `requests with one key at the same time make one order`() async throws {
        try await OrderInProcess.run { service in
            let answers = try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await service.rest.post("/orders", json: PlacingOrderTests.terms, headers: [("Idempotency-Key", "k")])
                    }
                }
                return try await group.reduce(into: [HTTPAnswer]()) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 201 } && Set(answers.map(\.body)).count == 1)
            #expect(service.published().count == 1)
        }
    }

    // MARK: Room

    @Test func `more events than the backlog limit wait to be published: 503, Retry-After and a reason, but canceling works`() async throws
    {
        try await OrderInProcess.run(configure: { $0.backlogLimit = 2 }) { service in
            let orders = try RESTClient(service)
            let key = [("Idempotency-Key", "k")]
            let first = try await orders.post("/orders", json: PlacingOrderTests.terms, headers: key)
            for _ in 0..<2 { _ = try await orders.place() }
            let refused = try await orders.post("/orders", json: PlacingOrderTests.terms)
            #expect(refused.status == 503)
            #expect(refused["Retry-After"] == "1")
            #expect(try refused.json["detail"]?.string == "3 events wait to be published, more than the backlog limit of 2")
            #expect(try await orders.post("/orders", json: PlacingOrderTests.terms, headers: [("Idempotency-Key", "new")]).status == 503)
            // What was promised is promised still, and what is there can be canceled.
            #expect(try await orders.post("/orders", json: PlacingOrderTests.terms, headers: key).body == first.body)
            try await orders.cancel(try #require(try first.json["orderId"]?.string))
            #expect(
                try await orders.get("/readyz").text
                    == #"{"reasons":["4 events wait to be published, more than the backlog limit"],"status":"degraded"}"#)
            service.deliver()
            #expect(try await orders.post("/orders", json: PlacingOrderTests.terms).status == 201)
            #expect(try await orders.get("/readyz").text == #"{"reasons":[],"status":"ready"}"#)
        }
    }

    @Test func `while an operator has paused that, no order is taken in`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            #expect(try await service.admin.post("/pause", json: #"{"what":"intake"}"#).status == 204)
            let refused = try await orders.post("/orders", json: PlacingOrderTests.terms)
            #expect(refused.status == 503)
            #expect(refused["Retry-After"] == "30")
            #expect(try await service.admin.post("/resume", json: #"{"what":"intake"}"#).status == 204)
            #expect(try await orders.post("/orders", json: PlacingOrderTests.terms).status == 201)
        }
    }
}
