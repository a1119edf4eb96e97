import InventoryService
import OrderService
import Saga
import SagaConfiguration
import SagaDaemon
import SagaStore
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// The deadline of PENDING orders, on a clock that the test moves.
@Suite(.timeLimit(.minutes(1))) struct OrderDeadlineTests {
    private static func status(_ id: String, at service: OrderInProcess) async throws -> String? {
        try await service.rest.get("/orders/\(id)").json["status"]?.string
    }

    /// Moves the time a second at a time, as the deadline looks at a new limit that often.
    private static func advance(_ service: OrderInProcess, bySeconds seconds: Int) async throws {
        for _ in 0..<seconds {
            try await hasLooked(service)
            await service.time.advance(by: .seconds(1))
        }
    }

    /// Returns when the deadline has looked what is due, and waits for what is next.
    private static func hasLooked(_ service: OrderInProcess) async throws {
        try await eventually("somebody who waits for the deadline") { service.time.sleepers > 0 ? () : nil }
    }

    @Test func `an order is canceled when its time is over, and not before`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let first = try await orders.place()
            try await Self.advance(service, bySeconds: 30)
            let second = try await orders.place()
            try await Self.advance(service, bySeconds: 29)
            #expect(try await Self.status(first, at: service) == "PENDING")
            try await Self.advance(service, bySeconds: 1)
            let order = try await orders.get("/orders/\(first)?wait=60s").json
            #expect(order["reason"]?.string == "DEADLINE_EXCEEDED")
            #expect(order["updatedAt"]?.string == "2026-01-01T00:01:00.000Z")
            #expect(try await Self.status(second, at: service) == "PENDING")
            let event = try #require(service.published().last)
            #expect(event.type == .orderCanceled && event.causation == nil)
            #expect(event.body == SagaEvent.orderCanceled(orderID: event.orderID, reason: .deadlineExceeded).encoded())
            #expect(service.logged("order canceled by its deadline") == 1)
        }
    }

    @Test func `what was decided in time is left alone`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let (canceled, late) = (try await orders.place(), try await orders.place())
            try await orders.cancel(canceled)
            try await Self.advance(service, bySeconds: 60)
            #expect(try await orders.get("/orders/\(late)?wait=60s").json["reason"]?.string == "DEADLINE_EXCEEDED")
            #expect(try await orders.get("/orders/\(canceled)").json["reason"]?.string == "CANCELED_BY_CLIENT")
            #expect(service.published().map(\.type) == [.orderCreated, .orderCreated, .orderCanceled, .orderCanceled])
        }
    }

    @Test func `a stock that comes late changes nothing any more`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let id = try await orders.place()
            try await Self.advance(service, bySeconds: 60)
            #expect(try await orders.get("/orders/\(id)?wait=60s").json["status"]?.string == "CANCELED")
            let order = try #require(OrderID(id))
            #expect(try await service.hear(.inventoryReserved(StockClaim(orderID: order, productID: 1, quantity: 1))).isEmpty)
            #expect(try await orders.get("/orders/\(id)").json["reason"]?.string == "DEADLINE_EXCEEDED")
        }
    }

    @Test func `a shorter limit holds for orders that wait already`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let id = try await orders.place()
            try await Self.advance(service, bySeconds: 2)
            var configuration = service.context.configuration
            configuration.order.deadline = .seconds(3)
            service.assembly.service.reload(configuration)
            #expect(try await Self.status(id, at: service) == "PENDING")
            try await Self.advance(service, bySeconds: 1)
            #expect(try await orders.get("/orders/\(id)?wait=60s").json["reason"]?.string == "DEADLINE_EXCEEDED")
        }
    }

    @Test func `after a restart the stored time says how old an order is`() async throws {
        let (directory, time) = (try TestDirectory(), TestTime())
        let id = try await OrderInProcess.run(time: time, in: directory) { try await RESTClient($0).place() }
        await time.advance(by: .seconds(59))
        try await OrderInProcess.run(time: time, in: directory) { service in
            #expect(try await Self.status(id, at: service) == "PENDING")
            try await Self.advance(service, bySeconds: 1)
            let order = try await RESTClient(service).get("/orders/\(id)?wait=60s").json
            #expect(order["reason"]?.string == "DEADLINE_EXCEEDED")
        }
    }

    @Test func `an order that cannot be canceled holds up no other, and is canceled once it can be`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            try await service.execute(
                """
                CREATE TRIGGER obstacle BEFORE UPDATE ON orders WHEN new.user_id = 666
                BEGIN SELECT RAISE(ABORT, 'boom'); END
                """)
            let (older, stuck, newer) = (try await orders.place(), try await orders.place(user: 666), try await orders.place())
            try await Self.advance(service, bySeconds: 60)
            for id in [older, newer] {
                #expect(try await orders.get("/orders/\(id)?wait=60s").json["reason"]?.string == "DEADLINE_EXCEEDED")
            }
            #expect(try await Self.status(stuck, at: service) == "PENDING")
            // Again after a second, then after two: said once.
            try await Self.advance(service, bySeconds: 3)
            try await Self.hasLooked(service)
            try await service.execute("DROP TRIGGER obstacle")
            try await Self.advance(service, bySeconds: 4)
            #expect(try await orders.get("/orders/\(stuck)?wait=60s").json["reason"]?.string == "DEADLINE_EXCEEDED")
            #expect(service.logged("could not be canceled") == 1)
        }
    }
}
