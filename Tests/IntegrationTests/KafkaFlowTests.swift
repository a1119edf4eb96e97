import Foundation
import Kafka
import Saga
import SagaTestSupport
import Testing
import Wire

/// The saga of the founding document, over Kafka: three real daemons, a real client, and somebody who reads along.
@Suite(.showingLogs) struct KafkaFlowTests {
    @Test func `every order is decided, and every record on the topics is as the contract says`() async throws {
        try await KafkaSuite.run { suite in
            let tap = suite.tap
            try await suite.daemons.start(ServiceName.allCases)

            let approved = try await suite.daemons.place(user: 1, product: 1, quantity: 2)
            let declined = try await suite.daemons.place(user: 2, product: 1, quantity: 3)
            let outOfStock = try await suite.daemons.place(user: 1, product: 2, quantity: 6)
            let unknown = try await suite.daemons.place(user: 1, product: 99, quantity: 1)

            let outcomes = [
                (approved, "APPROVED", nil), (declined, "CANCELED", "PAYMENT_FAILED"), (outOfStock, "CANCELED", "INVENTORY_FAILED"),
                (unknown, "CANCELED", "INVENTORY_FAILED"),
            ]
            for (order, status, reason) in outcomes {
                let found = try await suite.daemons.decided(order)
                #expect(found["status"]?.string == status)
                #expect(found["reason"]?.string == reason)
            }

            let told = try await tap.events(of: approved) { $0.count == 4 }
            #expect(Set(told.map(\.type)) == ["ORDER_CREATED", "INVENTORY_RESERVED", "PAYMENT_APPROVED", "ORDER_APPROVED"])
            for order in [declined, outOfStock, unknown] {
                // The participants may hear of the failure before they hear of the order, and then never did anything to take back.
                try await tap.events(of: order) { events in
                    let types = Set(events.map(\.type))
                    return types.isSuperset(of: ["ORDER_CREATED", "ORDER_CANCELED"])
                        && (types.contains("INVENTORY_FAILED") || types.contains("INVENTORY_RELEASED"))
                        && (types.contains("PAYMENT_FAILED") || types.contains("PAYMENT_REFUNDED"))
                }
            }
            let events = tap.events.state
            for event in events {
                #expect(WireRules.problems(of: event, among: events) == [], "\(event.text)")
            }
            #expect(Set(events.map(\.id)).count == events.count)
            for order in outcomes.map(\.0) {
                #expect(Set(tap.present(of: order).map { $0["traceparent"]?.dropFirst(3).prefix(32) }).count == 1)
            }

            for service in ServiceName.allCases { try await suite.daemons.drained(service) }
            let stock = try await suite.daemons.rest(.inventory).get("/inventory/1").json
            #expect(stock["available"]?.integer == 999_998)
            #expect(stock["reserved"]?.integer == 0)
            #expect(stock["sold"]?.integer == 2)
            let report = try await suite.daemons.sagactl("reconcile", "--json")
            #expect(report.exit == .code(0), "\(report.output)")
            let status = try await suite.daemons.sagactl("status", "--json")
            #expect(status.exit == .code(0), "\(status.output)")
        }
    }
}

/// Section 4 of the contract, held against one record.
private enum WireRules {
    /// Topic, members of the payload, and what may have caused it.
    private static let types: [String: (topic: String, members: [String], causes: [String])] = [
        "ORDER_CREATED": ("order", ["orderId", "userId", "productId", "quantity", "amount"], []),
        "ORDER_APPROVED": ("order", ["orderId"], ["INVENTORY_RESERVED", "PAYMENT_APPROVED"]),
        "ORDER_CANCELED": ("order", ["orderId", "reason"], ["INVENTORY_FAILED", "PAYMENT_FAILED"]),
        "INVENTORY_RESERVED": ("inventory", ["orderId", "productId", "quantity"], ["ORDER_CREATED"]),
        "INVENTORY_FAILED": ("inventory", ["orderId", "productId", "quantity", "reason"], ["ORDER_CREATED"]),
        "INVENTORY_RELEASED": ("inventory", ["orderId", "productId", "quantity"], ["PAYMENT_FAILED", "ORDER_CANCELED"]),
        "PAYMENT_APPROVED": ("payment", ["orderId", "paymentId", "userId", "amount"], ["ORDER_CREATED"]),
        "PAYMENT_FAILED": ("payment", ["orderId", "paymentId", "userId", "amount", "reason"], ["ORDER_CREATED"]),
        "PAYMENT_REFUNDED": ("payment", ["orderId", "paymentId", "userId", "amount"], ["INVENTORY_FAILED", "ORDER_CANCELED"]),
    ]
    private static let always = [
        "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "content-type", "traceparent",
    ]

    static func problems(of event: TappedEvent, among all: [TappedEvent]) -> [String] {
        guard let type = event.type, let rule = types[type], let order = event.order else { return ["no event of the contract"] }
        var problems: [String] = []
        func expect(_ isSo: Bool, _ problem: String) { if !isSo { problems.append(problem) } }

        expect(event.message.topic == "\(rule.topic)-events", "on \(event.message.topic)")
        expect(event.message.key == Array(order.utf8), "its key is not the order's id")
        expect(event.body?.object?.members.map(\.name) == ["type", "payload"], "members of the body")
        expect(event.payload?.object?.members.map(\.name).sorted() == rule.members.sorted(), "members of the payload")

        let names = event.message.headers.map(\.name)
        expect(names.sorted() == (always + (rule.causes.isEmpty ? [] : ["ce_causationid"])).sorted(), "headers \(names)")
        expect(event["ce_specversion"] == "1.0", "ce_specversion")
        expect(event.id?.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil, "ce_id is no UUIDv7")
        expect(event["ce_source"] == "/sagad/\(rule.topic)", "ce_source")
        expect(event["ce_type"] == type, "ce_type")
        expect(event["ce_subject"] == order, "ce_subject")
        expect(event["ce_time"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "ce_time")
        expect(event["content-type"] == "application/json", "content-type")
        expect(event["traceparent"]?.wholeMatch(of: /00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/) != nil, "traceparent")
        if !rule.causes.isEmpty {
            let cause = all.first { $0.id == event["ce_causationid"] }
            expect(cause?.order == order && rule.causes.contains(cause?.type ?? ""), "caused by \(cause?.type ?? "nothing")")
        }
        return problems
    }
}

extension DaemonSuite {
    /// Places an order and gives back its id.
    func place(user: Int = 1, product: Int = 1, quantity: Int = 1, amount: Int = 1000) async throws -> String {
        let answer = try await rest(.order).post(
            "/orders", json: #"{"userId":\#(user),"productId":\#(product),"quantity":\#(quantity),"amount":\#(amount)}"#)
        try #require(answer.status == 201, "\(answer.text)")
        return try #require(try answer.json["orderId"]?.string)
    }

    /// The order once it is final.
    func decided(_ order: String) async throws -> JSONValue {
        let found = try await rest(.order).get("/orders/\(order)?wait=30s").json
        try #require(found["status"]?.string != "PENDING", "\(order) is not decided")
        return found
    }
}
