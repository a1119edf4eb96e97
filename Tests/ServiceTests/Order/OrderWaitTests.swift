import InventoryService
import OrderService
import PaymentService
import Saga
import SagaConfiguration
import SagaStore
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// `?wait=`: how long, for what, and what becomes of those who wait.
@Suite struct OrderWaitTests {
    private static func ask(_ service: OrderInProcess, _ target: String) async throws -> HTTPConnection {
        let connection = try await HTTPConnection(service.rest.address)
        try await connection.send(HTTPClient.request("GET", target))
        return connection
    }

    private static func wait(for count: Int, at service: OrderInProcess) async throws {
        try await eventually("\(count) that wait") { service.waiting == count ? () : nil }
    }

    @Test(arguments: [("300ms", Duration.milliseconds(300)), ("1.5s", .milliseconds(1500)), ("60s", .seconds(60)), ("1h", .seconds(60))])
    func `a wait that nobody ends is over when its time is, after a minute at the latest`(_ text: String, _ limit: Duration) async throws {
        try await OrderInProcess.run(configure: { $0.order.deadline = .seconds(600) }) { service in
            let id = try await RESTClient(service).place()
            let waiting = try await Self.ask(service, "/orders/\(id)?wait=\(text)")
            try await service.time.sleeper(for: limit)
            await service.time.advance(by: limit - .milliseconds(1))
            #expect(service.waiting == 1)
            await service.time.advance(by: .milliseconds(1))
            #expect(try await waiting.answer().json["status"]?.string == "PENDING")
        }
    }

    @Test func `all who wait are answered when an event decides, and those of another order are not`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let (id, other) = (try #require(OrderID(try await orders.place())), try await orders.place())
            var waiting: [HTTPConnection] = []
            for _ in 0..<50 { waiting.append(try await Self.ask(service, "/orders/\(id)?wait=60s")) }
            let unconcerned = try await Self.ask(service, "/orders/\(other)?wait=60s")
            try await service.time.sleeper(for: .seconds(60), count: 51)
            try await service.hear(.inventoryFailed(StockClaim(orderID: id, productID: 1, quantity: 1), reason: .unknownProduct))
            for connection in waiting {
                let answer = try await connection.answer()
                #expect(answer.status == 200)
                #expect(try answer.json["reason"]?.string == "INVENTORY_FAILED")
                #expect(try answer.json["detail"]?.string == "UNKNOWN_PRODUCT")
            }
            try await Self.wait(for: 1, at: service)
            #expect(service.time.sleepers > 0)
            try await orders.cancel(other)
            #expect(try await unconcerned.answer().json["status"]?.string == "CANCELED")
        }
    }

    @Test func `a fact that decides nothing ends no wait, the approval does`() async throws {
        try await OrderInProcess.run { service in
            let id = try #require(OrderID(try await RESTClient(service).place()))
            let waiting = try await Self.ask(service, "/orders/\(id)?wait=60s")
            try await service.time.sleeper(for: .seconds(60))
            try await service.hear(.inventoryReserved(StockClaim(orderID: id, productID: 1, quantity: 1)))
            #expect(service.waiting == 1)
            try await service.hear(.paymentApproved(Charge(orderID: id, paymentID: service.newID(), userID: 1, amount: 1000)))
            #expect(try await waiting.answer().json["status"]?.string == "APPROVED")
        }
    }

    @Test func `what is decided is answered at once, what is unknown is 404 at once`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let id = try await orders.place()
            try await orders.cancel(id)
            #expect(try await orders.get("/orders/\(id)?wait=60s").json["status"]?.string == "CANCELED")
            let unknown: OrderID = service.newID()
            #expect(try await orders.get("/orders/\(unknown)?wait=60s").status == 404)
            #expect(service.waiting == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `Fault 47, a client that goes away: its wait ends at once, and leaves nothing`(byHalf: Bool) async throws {
        try await OrderInProcess.run { service in
            let id = try await RESTClient(service).place()
            let before = service.time.sleepers
            var waiting: [HTTPConnection] = []
            for _ in 0..<8 { waiting.append(try await Self.ask(service, "/orders/\(id)?wait=60s")) }
            try await service.time.sleeper(for: .seconds(60), count: 8)
            for connection in waiting { if byHalf { try await connection.finish() } else { connection.close() } }
            try await Self.wait(for: 0, at: service)
            try await eventually("no sleeper") { service.time.sleepers == before ? () : nil }
            // Who has closed only its own side reads the answer.
            if byHalf { for connection in waiting { #expect(try await connection.answer().json["status"]?.string == "PENDING") } }
            try await eventually("no connection") { service.connections == 0 ? () : nil }
        }
    }

    @Test(arguments: ["", "0s", "-1s", "10", "1e3s", "10%20s"])
    func `a wait that is none is 400`(_ wait: String) async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let id = try await orders.place()
            #expect(try await orders.get("/orders/\(id)?wait=\(wait)").status == 400)
        }
    }
}
