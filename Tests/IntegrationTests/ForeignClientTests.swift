import Foundation
import Kafka
import Saga
import SagaTestSupport
import Testing
import Wire

/// One daemon on a cluster where a foreign client plays the others: duplicates, repetitions, every order of arrival, and records that
/// are none.
///
/// The topics have one partition, so an answer to what was sent last says that all before it was handled.
struct ForeignScene: Sendable {
    private let suite: KafkaSuite

    init() throws {
        suite = try #require(KafkaSuite.current)
    }

    var daemons: DaemonSuite { suite.daemons }
    var client: ForeignClient { suite.client }
    var tap: TopicTap { suite.tap }

    /// Returns when the daemon has handled all that was sent on `order-events` before; `type` is its answer to an order.
    func handledOrders(answer type: String) async throws {
        let last = ForeignEvent.newID()
        try await client.tell(.created(last))
        _ = try await tap.event(type, of: last)
    }
}

@Suite(.kafka(.inventory), .showingLogs) struct InventoryForeignClientTests {
    /// A product of its own for a test, with this stock.
    private func product(_ available: Int, _ scene: ForeignScene) async throws -> Int {
        let product = Int.random(in: 1000..<1_000_000_000)
        let answer = try await scene.daemons.admin(.inventory).put("/stock/\(product)", json: #"{"available":\#(available)}"#)
        try #require(answer.status == 200)
        return product
    }

    private func stock(_ product: Int, _ scene: ForeignScene) async throws -> [Int64?] {
        let json = try await scene.daemons.rest(.inventory).get("/inventory/\(product)").json
        return [json["available"]?.integer, json["reserved"]?.integer, json["sold"]?.integer]
    }

    private func reservation(_ order: String, _ scene: ForeignScene) async throws -> JSONValue {
        try await scene.daemons.rest(.inventory).get("/reservations/\(order)").json
    }

    private func handled(_ scene: ForeignScene) async throws {
        try await scene.handledOrders(answer: "INVENTORY_RESERVED")
    }

    @Test func `Fault 14, every event delivered five times: stock is reserved and given back once`() async throws {
        let scene = try ForeignScene()
        let (order, product) = (ForeignEvent.newID(), try await product(10, scene))
        try await scene.client.tell(.created(order, product: product, quantity: 3), times: 5)
        try await handled(scene)
        #expect(try await stock(product, scene) == [7, 3, 0])
        #expect(Set(scene.tap.present(of: order).compactMap { $0.type == "INVENTORY_RESERVED" ? $0.id : nil }).count == 1)

        try await scene.client.tell(.canceled(order), times: 5)
        try await handled(scene)
        #expect(try await stock(product, scene) == [10, 0, 0])
        #expect(Set(scene.tap.present(of: order).compactMap { $0.type == "INVENTORY_RELEASED" ? $0.id : nil }).count == 1)
    }

    @Test func `an order told again under new ids gets the first answer again, with its id, whatever happened since`() async throws {
        let scene = try ForeignScene()
        let (order, product) = (ForeignEvent.newID(), try await product(10, scene))
        try await scene.client.tell(.created(order, product: product, quantity: 4))
        let first = try await scene.tap.event("INVENTORY_RESERVED", of: order)
        try await scene.client.tell(.created(order, product: product, quantity: 4))
        try await scene.tap.events(of: order) { $0.count { $0.id == first.id } == 2 }
        try await scene.client.tell(.canceled(order))
        _ = try await scene.tap.event("INVENTORY_RELEASED", of: order)
        try await scene.client.tell(.created(order, product: product, quantity: 4))
        let answers = try await scene.tap.events(of: order) { $0.count { $0.id == first.id } == 3 }
        #expect(answers.count { $0.type == "INVENTORY_RELEASED" } == 1)
        let repeated = answers.filter { $0.id == first.id }
        #expect(repeated.allSatisfy { $0.message.value == first.message.value && $0["ce_time"] == first["ce_time"] })
        #expect(try await stock(product, scene) == [10, 0, 0])
        #expect(try await reservation(order, scene)["status"]?.string == "RELEASED")
    }

    @Test(arguments: ["OUT_OF_STOCK", "UNKNOWN_PRODUCT"])
    func `a refusal is repeated too, although there is stock by now`(reason: String) async throws {
        let scene = try ForeignScene()
        let product = reason == "OUT_OF_STOCK" ? try await product(1, scene) : Int.random(in: 1_000_000_000..<2_000_000_000)
        let order = ForeignEvent.newID()
        try await scene.client.tell(.created(order, product: product, quantity: 2))
        let first = try await scene.tap.event("INVENTORY_FAILED", of: order)
        #expect(first.reason == reason)
        _ = try await scene.daemons.admin(.inventory).put("/stock/\(product)", json: #"{"available":100}"#)
        try await scene.client.tell(.created(order, product: product, quantity: 2))
        try await scene.tap.events(of: order) { $0.count { $0.id == first.id } == 2 }
        #expect(try await stock(product, scene) == [100, 0, 0])
    }

    @Test(arguments: [true, false])
    func `Fault 15, any order of arrival: a compensation before the order leaves a void, and no reservation`(byPayment: Bool) async throws {
        let scene = try ForeignScene()
        let (order, product) = (ForeignEvent.newID(), try await product(10, scene))
        try await scene.client.tell(byPayment ? .notPaid(order) : .canceled(order))
        try await eventually("void") { try await reservation(order, scene)["status"]?.string == "VOID" ? () : nil }
        #expect(
            try await reservation(order, scene).object?.members.map(\.name) == ["orderId", "status", "createdAt", "updatedAt"])
        try await scene.client.tell(.created(order, product: product, quantity: 2))
        let answer = try await scene.tap.event("INVENTORY_FAILED", of: order)
        #expect(answer.reason == "ORDER_CANCELED")
        #expect(answer.payload?["productId"]?.integer == Int64(product))
        try await scene.client.tell(.approved(order))
        try await handled(scene)
        #expect(try await reservation(order, scene)["status"]?.string == "VOID")
        #expect(try await stock(product, scene) == [10, 0, 0])
    }

    @Test func `what is committed is not given back, and what is given back is not committed`() async throws {
        let scene = try ForeignScene()
        let product = try await product(10, scene)
        let (sold, released) = (ForeignEvent.newID(), ForeignEvent.newID())
        for event: ForeignEvent in [
            .created(sold, product: product, quantity: 1), .approved(sold), .canceled(sold),
            .created(released, product: product, quantity: 2), .canceled(released), .approved(released),
        ] { try await scene.client.tell(event) }
        try await handled(scene)
        #expect(try await stock(product, scene) == [9, 0, 1])
        #expect(try await reservation(sold, scene)["status"]?.string == "COMMITTED")
        #expect(try await reservation(released, scene)["status"]?.string == "RELEASED")
    }

    @Test func `an approval of an order that is not known does nothing, and the order is served when it comes`() async throws {
        let scene = try ForeignScene()
        let (order, product) = (ForeignEvent.newID(), try await product(10, scene))
        try await scene.client.tell(.approved(order))
        try await scene.client.tell(.created(order, product: product))
        _ = try await scene.tap.event("INVENTORY_RESERVED", of: order)
        #expect(try await stock(product, scene) == [9, 1, 0])
    }

    @Test func `the body wins over key and headers`() async throws {
        let scene = try ForeignScene()
        let (order, other, product) = (ForeignEvent.newID(), ForeignEvent.newID(), try await product(10, scene))
        let event = ForeignEvent.created(order, product: product)
        let id = ForeignEvent.newID()
        let lies = [
            ("ce_type", "ORDER_CANCELED"), ("ce_subject", other), ("ce_source", "/elsewhere"), ("ce_specversion", "0.3"),
            ("ce_id", id.uppercased()), ("ce_time", "yesterday"), ("content-type", "text/plain"), ("traceparent", "nonsense"),
            ("ce_causationid", "nobody"), ("more", ""),
        ].map { KafkaHeader($0.0, Array($0.1.utf8)) }
        try await scene.client.put(Array(event.body.utf8), on: .order, key: other, headers: lies)
        let answer = try await scene.tap.event("INVENTORY_RESERVED", of: order)
        #expect(answer["ce_causationid"] == id)
        #expect(answer.message.key == Array(order.utf8))
        try await handled(scene)
        #expect(scene.tap.present(of: other).isEmpty)
        #expect(try await scene.daemons.rest(.inventory).get("/reservations/\(other)").status == 404)
    }

    @Test func `a foreign trace is gone on with`() async throws {
        let scene = try ForeignScene()
        let order = ForeignEvent.newID()
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        try await scene.client.put(
            Array(ForeignEvent.created(order).body.utf8), on: .order, key: order,
            headers: [
                KafkaHeader("ce_id", Array(ForeignEvent.newID().utf8)),
                KafkaHeader("traceparent", Array("00-\(trace)-00f067aa0ba902b7-01".utf8)),
            ])
        #expect(try await scene.tap.event("INVENTORY_RESERVED", of: order)["traceparent"]?.hasPrefix("00-\(trace)-") == true)
    }
}

@Suite(.kafka(.payment), .showingLogs) struct PaymentForeignClientTests {
    private func payment(_ order: String, _ scene: ForeignScene) async throws -> JSONValue {
        try await scene.daemons.rest(.payment).get("/payments/\(order)").json
    }

    @Test func `Fault 14, every event delivered five times: an order is charged once and refunded once`() async throws {
        let scene = try ForeignScene()
        let order = ForeignEvent.newID()
        try await scene.client.tell(.created(order, amount: 77), times: 5)
        let first = try await scene.tap.event("PAYMENT_APPROVED", of: order)
        #expect(first.payload?["amount"]?.integer == 77)
        try await scene.client.tell(.created(order, amount: 77))
        try await scene.tap.events(of: order) { $0.count { $0.id == first.id } >= 2 }
        try await scene.client.tell(.canceled(order), times: 5)
        let refund = try await scene.tap.event("PAYMENT_REFUNDED", of: order)
        #expect(refund.payload?["paymentId"] == first.payload?["paymentId"])
        try await scene.client.tell(.noStock(order), times: 2)
        try await scene.client.tell(.created(order, amount: 77))
        try await scene.handledOrders(answer: "PAYMENT_APPROVED")
        let told = scene.tap.present(of: order).filter { $0.message.topic == ServiceName.payment.topic.rawValue }
        #expect(Set(told.map(\.id)).count == 2)
        #expect(told.last?.id == first.id)
        #expect(try await payment(order, scene)["status"]?.string == "REFUNDED")
    }

    @Test func `a declined payment stays declined`() async throws {
        let scene = try ForeignScene()
        let order = ForeignEvent.newID()
        try await scene.client.tell(.created(order, user: 2))
        let first = try await scene.tap.event("PAYMENT_FAILED", of: order)
        #expect(first.reason == "DECLINED")
        try await scene.client.tell(.canceled(order))
        try await scene.client.tell(.created(order, user: 2))
        try await scene.tap.events(of: order) { $0.count { $0.id == first.id } == 2 }
        #expect(try await payment(order, scene)["status"]?.string == "FAILED")
    }

    @Test(arguments: [true, false])
    func `Fault 15, any order of arrival: a compensation before the order leaves a void, and no payment`(byInventory: Bool) async throws {
        let scene = try ForeignScene()
        let order = ForeignEvent.newID()
        try await scene.client.tell(byInventory ? .noStock(order) : .canceled(order))
        try await eventually("void") { try await payment(order, scene)["status"]?.string == "VOID" ? () : nil }
        try await scene.client.tell(.created(order))
        let answer = try await scene.tap.event("PAYMENT_FAILED", of: order)
        #expect(answer.reason == "ORDER_CANCELED")
        #expect(try await payment(order, scene).object?.members.map(\.name).sorted() == ["orderId", "status"])
        #expect(try await payment(order, scene)["status"]?.string == "VOID")
    }
}

@Suite(.kafka(.order), .showingLogs) struct OrderForeignClientTests {
    private func order(_ id: String, _ scene: ForeignScene) async throws -> JSONValue {
        try await scene.daemons.rest(.order).get("/orders/\(id)").json
    }

    /// Returns when what was sent on the topics of the others before is handled.
    private func handled(_ scene: ForeignScene) async throws {
        for event in [ForeignEvent.noStock, { o, _, _, _ in .notPaid(o) }] as [(String, Int, Int, String) -> ForeignEvent] {
            let last = try await scene.daemons.place()
            try await scene.client.tell(event(last, 1, 1, "OUT_OF_STOCK"))
            _ = try await scene.daemons.decided(last)
        }
    }

    @Test(arguments: [true, false])
    func `Fault 15, any order of arrival: an order is approved when both have said yes, in either order`(stockFirst: Bool) async throws {
        let scene = try ForeignScene()
        let id = try await scene.daemons.place()
        let yes: [ForeignEvent] = [.reserved(id), .paid(id)]
        let causes = (ForeignEvent.newID(), ForeignEvent.newID())
        try await scene.client.tell(yes[stockFirst ? 0 : 1], id: causes.0, times: 3)
        try await handled(scene)
        #expect(try await order(id, scene)["status"]?.string == "PENDING")
        try await scene.client.tell(yes[stockFirst ? 1 : 0], id: causes.1, times: 3)
        #expect(try await scene.daemons.decided(id)["status"]?.string == "APPROVED")
        #expect(try await scene.tap.event("ORDER_APPROVED", of: id)["ce_causationid"] == causes.1)
        // Final, whatever comes.
        for event: ForeignEvent in [.notPaid(id), .noStock(id), .released(id), .refunded(id)] { try await scene.client.tell(event) }
        try await handled(scene)
        #expect(try await order(id, scene)["status"]?.string == "APPROVED")
        #expect(scene.tap.present(of: id).count { $0.message.topic == ServiceName.order.topic.rawValue } == 2)
    }

    @Test func `Fault 39, a late approval: the first reason stays, and a late yes changes nothing`() async throws {
        let scene = try ForeignScene()
        let id = try await scene.daemons.place()
        try await scene.client.tell(.notPaid(id))
        #expect(try await scene.daemons.decided(id)["reason"]?.string == "PAYMENT_FAILED")
        for event: ForeignEvent in [.noStock(id), .reserved(id), .paid(id), .released(id)] { try await scene.client.tell(event) }
        try await handled(scene)
        #expect(try await order(id, scene)["status"]?.string == "CANCELED")
        #expect(try await order(id, scene)["reason"]?.string == "PAYMENT_FAILED")
        #expect(try await scene.tap.event("ORDER_CANCELED", of: id).reason == "PAYMENT_FAILED")
    }

    @Test func `an echo of a cancellation decides nothing, the cause does`() async throws {
        let scene = try ForeignScene()
        let id = try await scene.daemons.place()
        try await scene.client.tell(.notPaid(id, reason: "ORDER_CANCELED"))
        try await handled(scene)
        #expect(try await order(id, scene)["status"]?.string == "PENDING")
        try await scene.client.tell(.noStock(id))
        #expect(try await scene.daemons.decided(id)["reason"]?.string == "INVENTORY_FAILED")
    }

    @Test func `facts of an order that is not known here make none`() async throws {
        let scene = try ForeignScene()
        let id = ForeignEvent.newID()
        for event: ForeignEvent in [.reserved(id), .paid(id), .notPaid(id)] { try await scene.client.tell(event) }
        try await handled(scene)
        #expect(try await scene.daemons.rest(.order).get("/orders/\(id)").status == 404)
        #expect(scene.tap.present(of: id).allSatisfy { $0.message.topic != ServiceName.order.topic.rawValue })
    }
}
