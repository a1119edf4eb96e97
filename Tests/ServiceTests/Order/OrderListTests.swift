import OrderService
import PaymentService
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// `GET /orders`: filters and pages, over orders of known times.
@Suite struct OrderListTests {
    private static func ids(_ orders: RESTClient, _ query: String) async throws -> [String] {
        try #require(try await orders.get("/orders?\(query)").json["orders"]?.array).compactMap { $0["orderId"]?.string }
    }

    @Test func `every filter, and all of them together, newest first`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            var id: [String] = []
            for (user, product) in [(1, 1), (1, 2), (2, 2)] {
                id.append(try await orders.place(user: user, product: product))
                await service.time.advance(by: .seconds(1))
            }
            try await orders.cancel(id[0])
            try await service.hear(.declined(try #require(OrderID(id[1]))))
            for (query, expected) in [
                ("", [2, 1, 0]), ("userId=1", [1, 0]), ("productId=2", [2, 1]), ("userId=1&productId=2", [1]), ("userId=3", []),
                ("status=PENDING", [2]), ("status=CANCELED", [1, 0]), ("status=APPROVED", []),
                ("reason=CANCELED_BY_CLIENT", [0]), ("reason=PAYMENT_FAILED", [1]), ("reason=DEADLINE_EXCEEDED", []),
                ("since=2026-01-01T00:00:01Z", [2, 1]), ("until=2026-01-01T00:00:01Z", [0]),
                ("since=2026-01-01T00:00:01Z&until=2026-01-01T00:00:02Z", [1]), ("since=2026-01-01T01:00:01.5%2B01:00", [2]),
                ("status=CANCELED&userId=1&productId=2&reason=PAYMENT_FAILED&since=2026-01-01T00:00:01Z", [1]),
            ] as [(String, [Int])] {
                #expect(try await Self.ids(orders, query) == expected.map { id[$0] }, "\(query)")
            }
        }
    }

    @Test func `pages neither repeat nor miss an order while new ones come in`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            var placed: [String] = []
            for _ in 0..<7 { placed.append(try await orders.place()) }
            var (seen, target) = ([String](), "/orders?limit=3")
            while !target.isEmpty {
                let page = try await orders.get(target).json
                seen += try #require(page["orders"]?.array).compactMap { $0["orderId"]?.string }
                target = page["nextCursor"]?.string.map { "/orders?limit=3&cursor=\($0)" } ?? ""
                _ = try await orders.place()
            }
            #expect(seen == placed.reversed())
        }
    }

    @Test func `a purged order is a place to go on from still`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let (older, newer) = (try await orders.place(), try await orders.place())
            let cursor = try #require(try await orders.get("/orders?limit=1").json["nextCursor"]?.string)
            #expect(cursor == newer)
            let order = try #require(OrderID(newer))
            try await service.hear(.declined(order))
            try await service.hear(.unreserved(order))
            service.deliver()
            let purged = try await service.admin.post("/orders/purge", json: #"{"orderIds":["\#(newer)"]}"#)
            #expect(purged.text == #"{"matched":1,"purged":1}"#)
            #expect(try await orders.get("/orders/\(newer)").status == 404)
            #expect(try await Self.ids(orders, "cursor=\(cursor)") == [older])
        }
    }
}
