import InventoryService
import OrderService
import PaymentService
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// The states a saga passes through when somebody is missing: each test starts and ends the daemons it needs.
@Suite(.showingLogs) struct CompensationTests {
    @Test func `stock is RESERVED while money is missing, and RELEASED when the client cancels`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start([.order, .inventory])
            let (orders, inventory) = (try RESTClient(.order), try RESTClient(.inventory))
            let id = try await orders.place(product: 2, quantity: 3)
            try await inventory.get("/reservations/\(id)", until: "RESERVED")
            let reserved = try await inventory.get("/reservations/\(id)").json
            #expect(reserved["productId"]?.integer == 2)
            #expect(reserved["quantity"]?.integer == 3)
            #expect(try await inventory.get("/inventory/2").text == #"{"productId":2,"available":2,"reserved":3,"sold":0}"#)

            #expect(try await orders.post("/orders/\(id)/cancel").status == 200)
            try await inventory.get("/reservations/\(id)", until: "RELEASED")
            let released = try await inventory.get("/reservations/\(id)").json
            #expect(released["quantity"]?.integer == 3)
            #expect(released["createdAt"]?.string == reserved["createdAt"]?.string)
            #expect(try await inventory.get("/inventory/2").text == #"{"productId":2,"available":5,"reserved":0,"sold":0}"#)
        }
    }

    @Test func `a payment is APPROVED while stock is missing, and REFUNDED when the client cancels`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start([.order, .payment])
            let (orders, payments) = (try RESTClient(.order), try RESTClient(.payment))
            let id = try await orders.place()
            let approved = try await payments.get("/payments/\(id)", until: "APPROVED")
            #expect(try await orders.post("/orders/\(id)/cancel").status == 200)
            let refunded = try await payments.get("/payments/\(id)", until: "REFUNDED")
            #expect(refunded["paymentId"] == approved["paymentId"])
            #expect(refunded["amount"]?.integer == 1000)
        }
    }

    @Test func `a reservation whose cancellation came first is VOID and stays VOID`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start([.order, .payment])
            let (orders, inventory) = (try RESTClient(.order), try RESTClient(.inventory))
            let id = try await orders.place(user: 2)
            #expect(try await orders.decided(id)["reason"]?.string == "PAYMENT_FAILED")
            try await suite[.order].crash()

            // Payment tells of its refusal, nobody of the order.
            try await suite.start(.inventory)
            try await inventory.get("/reservations/\(id)", until: "VOID")
            let void = try await inventory.get("/reservations/\(id)").text
            #expect(void.hasPrefix(#"{"orderId":"\#(id)","status":"VOID","createdAt":"#))

            try await suite.start(.order)
            try await suite.drained(.order)
            #expect(try await inventory.get("/reservations/\(id)").text.prefix(110) == void.prefix(110))
            #expect(try await inventory.get("/inventory/1").json["reserved"]?.integer == 0)
            #expect(try await orders.decided(id)["reason"]?.string == "PAYMENT_FAILED")
        }
    }

    @Test func `a payment whose cancellation came first is VOID and stays VOID`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start([.order, .inventory])
            let (orders, payments) = (try RESTClient(.order), try RESTClient(.payment))
            let id = try await orders.place(product: 999)
            #expect(try await orders.decided(id)["reason"]?.string == "INVENTORY_FAILED")
            try await suite[.order].crash()

            try await suite.start(.payment)
            try await payments.get("/payments/\(id)", until: "VOID")
            let void = #"{"orderId":"\#(id)","status":"VOID"}"#
            #expect(try await payments.get("/payments/\(id)").text == void)
            #expect(try await payments.get("/payments").text == #"{"payments":[\#(void)]}"#)

            try await suite.start(.order)
            try await suite.drained(.order)
            #expect(try await payments.get("/payments/\(id)").text == void)
        }
    }

    @Test func `the deadline cancels an order that nobody decides, and what was done for it is undone`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "1s"
        try await DaemonSuite.run(settings) { suite in
            try await suite.start([.order, .inventory])
            let orders = try RESTClient(.order)
            let id = try await orders.place()
            let order = try await orders.decided(id)
            #expect(order["status"]?.string == "CANCELED")
            #expect(order["reason"]?.string == "DEADLINE_EXCEEDED")
            try await RESTClient(.inventory).get("/reservations/\(id)", until: "RELEASED", "VOID")
        }
    }

    @Test func `Fault 39, a late approval after the deadline canceled the order: compensated, never APPROVED`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "500ms"
        try await DaemonSuite.run(settings) { suite in
            try await suite.start(.order)
            let (orders, payments) = (try RESTClient(.order), try RESTClient(.payment))
            let id = try await orders.place(product: 2, quantity: 3)
            #expect(try await orders.decided(id)["reason"]?.string == "DEADLINE_EXCEEDED")
            // The cancellation is still to come when they hear of the order, or has come along with it: they say yes either way.
            try await suite.start([.inventory, .payment])
            try await payments.get("/payments/\(id)", until: "REFUNDED")
            try await RESTClient(.inventory).get("/reservations/\(id)", until: "RELEASED")
            for service in ServiceName.allCases { try await suite.drained(service) }
            let order = try await orders.get("/orders/\(id)").json
            #expect(order["status"]?.string == "CANCELED")
            #expect(order["reason"]?.string == "DEADLINE_EXCEEDED")
            let told = [
                "INVENTORY_RELEASED", "INVENTORY_RESERVED", "ORDER_CANCELED", "ORDER_CREATED", "PAYMENT_APPROVED", "PAYMENT_REFUNDED",
            ]
            #expect(try await suite.emissions(of: id) == told)
        }
    }

    @Test func `a backlog above the limit refuses new orders but not their cancellation`() async throws {
        var settings = DaemonSuite.Settings()
        settings.backlogLimit = 3
        try await DaemonSuite.run(settings) { suite in
            try await suite.start(.order)
            let orders = try RESTClient(.order)
            var id = ""
            for _ in 0..<4 { id = try await orders.place() }
            let refused = try await orders.post("/orders", json: RESTClient.body())
            #expect(refused.status == 503)
            #expect(refused["Retry-After"] == "1")
            #expect(try await orders.post("/orders/\(id)/cancel").status == 200)
            #expect(try await orders.get("/readyz").status == 200)

            // It heals by itself when the others come back.
            try await suite.start([.inventory, .payment])
            try await suite.drained(.order)
            #expect(try await orders.post("/orders", json: RESTClient.body()).status == 201)
        }
    }
}
