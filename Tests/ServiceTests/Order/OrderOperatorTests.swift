import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// What an operator asks of the order service.
@Suite struct OrderOperatorTests {
    @Test func `PENDING orders of an age are counted, then canceled`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let (old, decided) = (try await orders.place(), try await orders.place())
            try await orders.cancel(decided)
            await service.time.advance(by: .seconds(30))
            let young = try await orders.place()
            let cancel = { (body: String) in try await service.admin.post("/orders/cancel", json: body) }
            #expect(try await cancel(#"{"olderThan":"30s","dryRun":true}"#).text == #"{"canceled":0,"matched":1}"#)
            #expect(try await orders.get("/orders/\(old)").json["status"]?.string == "PENDING")
            #expect(try await cancel(#"{"olderThan":"30s"}"#).text == #"{"canceled":1,"matched":1}"#)
            #expect(try await orders.get("/orders/\(old)").json["reason"]?.string == "CANCELED_BY_CLIENT")
            #expect(try await orders.get("/orders/\(young)").json["status"]?.string == "PENDING")
            #expect(service.published().map(\.type) == [.orderCreated, .orderCreated, .orderCanceled, .orderCreated, .orderCanceled])
            for body in [#"{"olderThan":"30"}"#, "{}", #"{"olderThan":"1s","dryrun":true}"#] {
                #expect(try await cancel(body).status == 422, "\(body)")
            }
            #expect(try await orders.get("/orders/\(young)").json["status"]?.string == "PENDING")
            #expect(try await service.rest.post("/orders/cancel", json: #"{"olderThan":"1s"}"#).status == 405)
        }
    }

    @Test func `an order that was lost is adopted, one that is known is left alone`() async throws {
        try await OrderInProcess.run { service in
            let lost: OrderID = service.newID()
            let terms = #"{"userId":0,"productId":2,"quantity":3,"amount":4}"#
            let adopt = { (id: String) in try await service.admin.post("/repair/\(id)", json: terms) }
            #expect(try await adopt("\(lost)").text == #"{"changed":true}"#)
            #expect(try await adopt("\(lost)").text == #"{"changed":false}"#)
            let order = try #require(try await service.read { try $0.order(lost) })
            #expect(order.status == .approved && order.inventory == .reserved && order.payment == .approved)
            #expect(service.published().isEmpty)
            #expect(try await adopt("x").status == 404)
            let known = try await RESTClient(service).place()
            #expect(try await adopt(known).text == #"{"changed":false}"#)
            #expect(try await RESTClient(service).get("/orders/\(known)").json["status"]?.string == "PENDING")
        }
    }

    @Test func `what is not at rest or not published is not purged, and a purge may be asked for again`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let (pending, resting) = (try await orders.place(), try await orders.place())
            let order = try #require(OrderID(resting))
            let purge = { try await service.admin.post("/orders/purge", json: #"{"orderIds":["\#(pending)","\#(resting)"]}"#).text }
            try await service.hear(.declined(order))
            // Inventory has not answered, then the others have not heard.
            #expect(try await purge() == #"{"matched":2,"purged":0}"#)
            try await service.hear(.unreserved(order))
            #expect(try await purge() == #"{"matched":2,"purged":0}"#)
            service.deliver()
            #expect(try await purge() == #"{"matched":2,"purged":1}"#)
            #expect(service.published().last?.type == .orderPurged)
            #expect(try await purge() == #"{"matched":2,"purged":1}"#, "to a service that has it from a backup")
            #expect(try await orders.get("/orders/\(pending)").json["status"]?.string == "PENDING")
            let count = { try await service.admin.post("/orders/purge", json: #"{"before":"2027-01-01T00:00:00Z","dryRun":true}"#).text }
            #expect(try await count() == #"{"matched":0,"purged":0}"#)
            for body in [#"{"orderIds":["x"]}"#, "{}", #"{"before":"2027-01-01T00:00:00Z","dryRun":false}"#] {
                #expect(try await service.admin.post("/orders/purge", json: body).status == 422, "\(body)")
            }
        }
    }

    @Test func `a user is forgotten in what is over, and an idempotency key is known still`() async throws {
        try await OrderInProcess.run { service in
            let orders = try RESTClient(service)
            let body = RESTClient.body(user: 7)
            let first = try await orders.post("/orders", json: body, headers: [("Idempotency-Key", "k")])
            let (id, pending) = (try #require(try first.json["orderId"]?.string), try await orders.place(user: 7))
            try await orders.cancel(id)
            service.deliver()
            let forgotten = try await service.admin.post("/users/forget", json: #"{"userId":7}"#)
            #expect(forgotten.text == #"{"forgotten":1,"left":1}"#)
            #expect(try await orders.get("/orders/\(id)").json["userId"] == nil)
            #expect(try await orders.get("/orders/\(pending)").json["userId"]?.integer == 7)
            let again = try await orders.post("/orders", json: body, headers: [("Idempotency-Key", "k")])
            #expect(again.status == 201)
            #expect(try again.json["orderId"]?.string == id)
            let other = try await orders.post("/orders", json: RESTClient.body(user: 8), headers: [("Idempotency-Key", "k")])
            #expect(other.status == 422)
            #expect(service.logged("7") == 0, "the log does not say who it was")
        }
    }
}

extension SagaEvent {
    static func unreserved(_ order: OrderID) -> SagaEvent {
        .inventoryFailed(StockClaim(orderID: order, productID: 1, quantity: 1), reason: .orderCanceled)
    }
}
