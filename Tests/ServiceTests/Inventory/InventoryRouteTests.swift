import InventoryService
import OrderService
import Saga
import SagaConfiguration
import SagaStore
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// What is asked of the inventory service, on its port and on its admin socket.
@Suite struct InventoryRouteTests {
    private static func run(_ body: @Sendable (InventoryInProcess) async throws -> Void) async throws {
        try await InventoryInProcess.run(configure: { $0.inventory.initialStock = [10: 7, 2: 5, 1: 10] }, body)
    }

    private static func reserve(_ quantity: Int64, at service: InventoryInProcess) async throws -> OrderID {
        let order: OrderID = service.newID()
        try await service.hear(.orderCreated(OrderTerms(orderID: order, userID: 1, productID: 1, quantity: quantity, amount: 1000)))
        return order
    }

    @Test func `products are listed in order of their ids, and each can be asked for`() async throws {
        try await Self.run { service in
            let inventory = try RESTClient(service)
            _ = try await Self.reserve(4, at: service)
            let one = #"{"productId":1,"available":6,"reserved":4,"sold":0}"#
            #expect(try await inventory.get("/inventory/1").text == one)
            #expect(
                try await inventory.get("/inventory").text
                    == #"{"products":[\#(one),{"productId":2,"available":5,"reserved":0,"sold":0},{"productId":10,"available":7,"reserved":0,"sold":0}]}"#
            )
            for product in ["999", "0", "-1", "+1", "x", "1.0", "9007199254740992", "99999999999999999999"] {
                #expect(try await inventory.get("/inventory/\(product)").status == 404, "\(product)")
            }
            for target in ["/inventory?x=1", "/inventory/1?limit=1", "/reservations/1?wait=1s"] {
                #expect(try await inventory.get(target).status == 400, "\(target)")
            }
        }
    }

    @Test func `a reservation is shown as it is, with its times`() async throws {
        try await Self.run { service in
            let inventory = try RESTClient(service)
            let order = try await Self.reserve(4, at: service)
            await service.time.advance(by: .seconds(5))
            #expect(
                try await inventory.get("/reservations/\(order)").text
                    == #"{"orderId":"\#(order)","productId":1,"quantity":4,"status":"RESERVED","createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"}"#
            )
            try await service.hear(.orderApproved(orderID: order))
            #expect(
                try await inventory.get("/reservations/\(order)").text
                    == #"{"orderId":"\#(order)","productId":1,"quantity":4,"status":"COMMITTED","createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:05.000Z"}"#
            )
            for unknown in ["019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e", "1", "x"] {
                #expect(try await inventory.get("/reservations/\(unknown)").status == 404)
            }
        }
    }

    @Test func `an operator sets what is available, what is reserved and sold stays`() async throws {
        try await Self.run { service in
            _ = try await Self.reserve(4, at: service)
            let set = { (product: String, body: String) in try await service.admin.put("/stock/\(product)", json: body) }
            #expect(try await set("1", #"{"available":100}"#).text == #"{"productId":1,"available":100,"reserved":4,"sold":0}"#)
            #expect(try await set("3", #"{"available":0}"#).text == #"{"productId":3,"available":0,"reserved":0,"sold":0}"#)
            #expect(service.logged("stock of product 1 set from 6 to 100 available") == 1)
            for (product, body, status) in [
                ("1", #"{"available":9007199254740991}"#, 422), ("1", #"{"available":-1}"#, 422), ("1", #"{"available":1,"x":1}"#, 422),
                ("1", "{", 400), ("0", #"{"available":1}"#, 404), ("x", #"{"available":1}"#, 404),
            ] { #expect(try await set(product, body).status == status, "\(product) \(body)") }
            #expect(try await service.read { try $0.stock(1) } == Stock(productID: 1, available: 100, reserved: 4))
            // Not on the port.
            #expect(try await service.rest.put("/stock/1", json: #"{"available":1}"#).status == 404)
        }
    }

    @Test func `a delivery or a loss is added to what is there`() async throws {
        try await Self.run { service in
            for (product, by, status, available) in [
                ("2", "5", 200, 10), ("2", "-10", 200, 0), ("2", "-1", 409, nil),
                ("2", "9007199254740991", 200, 9_007_199_254_740_991), ("2", "1", 422, nil), ("2", "1.5", 422, nil), ("404", "1", 404, nil),
            ] as [(String, String, Int, Int64?)] {
                let answer = try await service.admin.post("/stock/\(product)/adjust", json: #"{"by":\#(by)}"#)
                #expect(answer.status == status, "\(by)")
                #expect(try answer.json["available"]?.integer == available, "\(by)")
            }
        }
    }

    @Test func `reservations are listed page by page, those of the newest orders first`() async throws {
        try await Self.run { service in
            var orders: [OrderID] = []
            for _ in 0..<5 { orders.append(try await Self.reserve(1, at: service)) }
            var (seen, target, pages) = ([String](), "/reservations?limit=2", 0)
            while !target.isEmpty {
                let page = try await service.admin.get(target).json
                seen += try #require(page["reservations"]?.array).compactMap { $0["orderId"]?.string }
                target = page["nextCursor"]?.string.map { "/reservations?limit=2&cursor=\($0)" } ?? ""
                pages += 1
            }
            #expect(seen == orders.sorted(by: >).map(\.description) && pages == 3)
            for query in ["limit=0", "cursor=x", "cursor=019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e"] {
                #expect(try await service.admin.get("/reservations?\(query)").status == 400)
            }
        }
    }

    @Test func `a reservation is repaired from what the others know, and asking twice changes nothing`() async throws {
        try await Self.run { service in
            let order = try await Self.reserve(4, at: service)
            func repair(_ order: OrderID, _ body: String) async throws -> String {
                let answer = try await service.admin.post("/repair/\(order)", json: body)
                return "\(answer.status) \(try answer.json["changed"] == .bool(true))"
            }
            let sold = #"{"outcome":"APPROVED","productId":1,"quantity":4}"#
            #expect(try await repair(order, sold) == "200 true")
            #expect(try await repair(order, sold) == "200 false")
            #expect(try await service.read { try $0.stock(1) } == Stock(productID: 1, available: 6, sold: 4))
            let count = service.published().count
            #expect(try await repair(order, #"{"outcome":"CANCELED"}"#) == "200 true")
            #expect(try await repair(order, #"{"outcome":"CANCELED"}"#) == "200 false")
            #expect(service.published().dropFirst(count).map(\.type) == [.inventoryReleased])
            #expect(try await service.read { try $0.stock(1) } == Stock(productID: 1, available: 10))
            #expect(try await repair(service.newID(), #"{"outcome":"CANCELED"}"#) == "200 false")
            #expect(try await repair(order, #"{"outcome":"PENDING"}"#) == "422 false")
            #expect(try await repair(order, #"{"outcome":"APPROVED"}"#) == "422 false")
        }
    }

    @Test func `a product's counters are counted anew from its reservations`() async throws {
        try await Self.run { service in
            _ = try await Self.reserve(4, at: service)
            try await service.execute("UPDATE stock SET reserved = 9, sold = 1 WHERE product_id = 1")
            #expect(try await service.admin.post("/repair/stock/1").status == 200)
            #expect(try await service.read { try $0.stock(1) } == Stock(productID: 1, available: 6, reserved: 4))
            #expect(try await service.admin.post("/repair/stock/999").status == 404)
        }
    }
}
