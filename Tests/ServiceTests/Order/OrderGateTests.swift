import PaymentService
import OrderService
import Saga

import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// More orders than can be done, on a clock that the test moves.
@Suite struct OrderGateTests {
    /// A backlog of undecided orders, of which too few are decided, and each after too long.
    private static func overload(_ service: OrderInProcess) async throws {
        let orders = service.rest
        let ids = try await withThrowingTaskGroup { group in
            for _ in 0..<64 {
                group.addTask {
                    var ids: [OrderID] = []
                    for _ in 0..<36 {
                        let answer = try await orders.post("/orders", json: RESTClient.body())
                        ids.append(try #require(OrderID(try answer.json["orderId"]?.string ?? "")))
                    }
                    return ids
                }
            }
            return try await group.reduce(into: [OrderID]()) { $0 += $1 }
        }
        // Longer than a second without a break, each of those that are served has waited for more than two.
        await service.time.advance(by: .seconds(2))
        for id in ids.prefix(24) {
            await service.time.advance(by: .milliseconds(100))
            try await service.hear(.declined(id))
            _ = try await orders.post("/orders", json: RESTClient.body())
        }
    }

    @Test func `when orders wait too long to be decided new ones are refused, until that is over`() async throws {
        try await OrderInProcess.run { service in
            try await Self.overload(service)
            var refused: HTTPAnswer?
            for _ in 0..<50 where refused == nil {
                let answer = try await service.rest.post("/orders", json: RESTClient.body())
                if answer.status != 201 { refused = answer }
            }
            let answer = try #require(refused)
            #expect(answer.status == 503)
            #expect(answer["Retry-After"] == "1")
            #expect(try answer.json["detail"]?.string == "more orders come than can be done; try again")
            let reasons = try await service.rest.get("/readyz").json["reasons"]?.array?.compactMap(\.string)
            #expect(reasons == ["more orders come than can be done: some are refused"])
            // Whatever is no new order passes, and so does the operator.
            #expect(try await service.rest.get("/orders?limit=1").status == 200)
            #expect(try await service.admin.post("/orders", json: RESTClient.body()).status == 201)
            let metrics = try await service.admin.get("/metrics").text
            #expect(metrics.contains(#"saga_orders_refused_total{status="503"} "#))
            #expect(!metrics.contains(#"saga_orders_refused_total{status="503"} 0"#))
            // Nobody asks for a second, then all are let in again.
            await service.time.advance(by: .seconds(2))
            #expect(try await service.rest.get("/readyz").json["reasons"]?.array == [])
        }
    }
}

extension SagaEvent {
    /// That of an order of user 1.
    static func declined(_ order: OrderID) -> SagaEvent {
        .paymentFailed(Charge(orderID: order, paymentID: PaymentID(bits: 1), userID: 1, amount: 1000), reason: .declined)
    }
}
