import Foundation
import Kafka
import Saga
import SagaTestSupport
import Testing
import Wire

/// Records that are no events, on a topic that two daemons read.
@Suite(.kafka(.inventory, .payment), .showingLogs) struct DeadLetterTests {
    private static let order = "01890000-0000-7000-8000-000000000001"
    private static let good = ForeignEvent.created(order).body
    private static let id = [KafkaHeader("ce_id", Array("0b5c3d0e-58c3-4b5e-9c1e-3d6f0a1b2c3d".utf8))]

    struct Poison: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let value: [UInt8]
        let headers: [KafkaHeader]

        init(_ description: String, _ value: String, _ headers: [KafkaHeader] = DeadLetterTests.id) {
            self.init(description, bytes: Array(value.utf8), headers)
        }

        init(_ description: String, bytes: [UInt8], _ headers: [KafkaHeader] = DeadLetterTests.id) {
            testDescription = description
            value = bytes
            self.headers = headers
        }
    }

    static let poison = [
        Poison("garbage", bytes: [0, 0xFF, 0xFE, 0x80]),
        Poison("nothing", ""),
        Poison("not JSON", "ORDER_CREATED"),
        Poison("no object", "[]"),
        Poison("without ce_id", good, []),
        Poison("ce_id is no UUID", good, [KafkaHeader("ce_id", Array("4711".utf8))]),
        Poison("ce_id without a value", good, [KafkaHeader("ce_id", nil)]),
        Poison("without payload", #"{"type":"ORDER_CREATED"}"#),
        Poison("a member is missing", #"{"type":"ORDER_CREATED","payload":{"orderId":"\#(order)","userId":1,"productId":1,"quantity":1}}"#),
        Poison("another member beside the payload", #"{"type":"ORDER_APPROVED","payload":{"orderId":"\#(order)"},"more":1}"#),
        Poison("a text for a number", ForeignEvent.created(order).body.replacing(#""quantity":1"#, with: #""quantity":"1""#)),
        Poison("out of range", ForeignEvent.created(order, quantity: 0).body),
        Poison("no UUID", ForeignEvent.created("4711").body),
        Poison("an unknown reason", ForeignEvent.canceled(order, reason: "BAD_MOOD").body),
        Poison("Fault 17, an event over 64 KiB: dead-lettered", good + String(repeating: " ", count: 65536)),
    ]

    private func letters(_ scene: ForeignScene, _ service: ServiceName) async throws -> [JSONValue] {
        try #require(try await scene.daemons.admin(service).get("/dead-letters?limit=500").json["deadLetters"]?.array)
    }

    private func handled(_ scene: ForeignScene) async throws {
        try await scene.handledOrders(answer: "INVENTORY_RESERVED")
        try await scene.handledOrders(answer: "PAYMENT_APPROVED")
    }

    @Test(arguments: poison)
    func `Fault 16, poison record: dead-lettered once by each daemon with the raw bytes, and the partition moves on`(_ poison: Poison)
        async throws
    {
        let scene = try ForeignScene()
        let place = try await scene.client.put(poison.value, on: .order, key: "a key", headers: poison.headers)
        try await handled(scene)
        for service in [ServiceName.inventory, .payment] {
            let found = try await letters(scene, service).filter { $0["offset"]?.integer == place.offset }
            try #require(found.count == 1)
            #expect(found[0]["topic"]?.string == "order-events")
            #expect(found[0]["partition"]?.integer == 0)
            #expect(found[0]["service"]?.string == service.rawValue)
            #expect(found[0]["key"]?.string == "a key")
            #expect(found[0]["attempts"]?.integer == 1)
            #expect(found[0]["reason"]?.string?.isEmpty == false)
            #expect(found[0]["valueSize"]?.integer == Int64(poison.value.count))
            #expect((found[0]["valueBase64"] == nil) == (poison.value.count > 4096))
            let whole = try await scene.daemons.admin(service).get("/dead-letters/\(found[0]["id"]?.string ?? "")").json
            #expect(whole["valueBase64"]?.string.flatMap { Data(base64Encoded: $0) } == Data(poison.value))
            #expect(found[0]["headers"]?.object?.members.map(\.name) == poison.headers.map(\.name))
        }
    }

    @Test func `a record of exactly 64 KiB is read`() async throws {
        let scene = try ForeignScene()
        let order = ForeignEvent.newID()
        let body = ForeignEvent.created(order).body
        let value = body + String(repeating: " ", count: 65536 - body.utf8.count)
        try await scene.client.put(Array(value.utf8), on: .order, key: order, headers: DeadLetterTests.newID)
        _ = try await scene.tap.event("INVENTORY_RESERVED", of: order)
    }

    private static var newID: [KafkaHeader] { [KafkaHeader("ce_id", Array(ForeignEvent.newID().utf8))] }

    @Test func `Fault 17, unknown type: ignored and counted`() async throws {
        let scene = try ForeignScene()
        let before = try await ignored(scene)
        let place = try await scene.client.put(
            Array(#"{"type":"ORDER_SHIPPED","payload":{"by":"ship"}}"#.utf8), on: .order, key: "k", headers: DeadLetterTests.newID)
        try await handled(scene)
        #expect(try await ignored(scene) == before + 1)
        #expect(try await letters(scene, .inventory).allSatisfy { $0["offset"]?.integer != place.offset })
    }

    private func ignored(_ scene: ForeignScene) async throws -> Int {
        let text = try await scene.daemons.admin(.inventory).get("/metrics").text
        let line = text.split(separator: "\n").first { $0.hasPrefix("saga_events_ignored_total ") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    @Test func `Fault 16, poison record: a retry that fails again is 409 and counted, a discarded one is gone for good`() async throws {
        let scene = try ForeignScene()
        let place = try await scene.client.put(Array("{}".utf8), on: .order, key: "k", headers: DeadLetterTests.newID)
        try await handled(scene)
        let letter = try #require(try await letters(scene, .payment).first { $0["offset"]?.integer == place.offset })
        let id = try #require(letter["id"]?.string)
        let admin = scene.daemons.admin(.payment)

        let retried = try await admin.post("/dead-letters/\(id)/retry")
        #expect(retried.status == 409)
        #expect(try retried.json["detail"]?.string == letter["reason"]?.string)
        #expect(try await scene.daemons.sagactl("dead-letters", "retry", id).exit == .code(1))
        #expect(try await admin.get("/dead-letters/\(id)").json["attempts"]?.integer == 3)
        #expect(try await scene.daemons.admin(.inventory).get("/dead-letters/\(id)").status == 404)

        #expect(try await scene.daemons.sagactl("dead-letters", "discard", id, "--yes").exit == .code(0))
        #expect(try await admin.get("/dead-letters/\(id)").status == 404)
        #expect(try await admin.post("/dead-letters/\(id)/retry").status == 404)
        #expect(try await admin.ask("DELETE", "/dead-letters/\(id)").status == 404)
        #expect(try await letters(scene, .inventory).contains { $0["offset"]?.integer == place.offset })
    }
}
