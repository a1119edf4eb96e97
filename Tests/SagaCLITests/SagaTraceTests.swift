import struct Saga.ServiceName
import AdminAPI
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI
import Wire

@Suite struct SagaTraceTests {
    @Test func `the JSON has the promised members and no others`() throws {
        let trace = SagaTrace(
            orderId: SagaFixture.orderId,
            traces: [
                SagaFixture.trace(
                    .order, "CANCELED", waitingFor: ["payment"],
                    [
                        SagaFixture.became(.order, 0, nil, "PENDING"),
                        SagaFixture.emitted(.order, 1500, "ORDER_CREATED", "e1"),
                        SagaFixture.received(.order, 4000, "PAYMENT_FAILED", "e2", .ignored, reason: "late"),
                        SagaFixture.became(.order, 5000, "PENDING", "CANCELED", by: "e2", reason: "PAYMENT_FAILED"),
                    ])
            ],
            unreachable: [.payment])
        let expected = """
            {"orderId":"019c1362-2400-7000-8000-000000000001","status":"CANCELED","steps":[\
            {"durationMs":0,"kind":"transition","service":"order","time":"2026-01-31T12:00:00.000Z","to":"PENDING"},\
            {"durationMs":1.5,"eventId":"e1","eventType":"ORDER_CREATED","kind":"emitted","service":"order","time":"2026-01-31T12:00:00.001Z"},\
            {"eventId":"e2","eventType":"PAYMENT_FAILED","kind":"received","outcome":"ignored","service":"order",\
            "time":"2026-01-31T12:00:00.004Z"},\
            {"causationId":"e2","durationMs":1,"from":"PENDING","kind":"transition","service":"order","time":"2026-01-31T12:00:00.005Z",\
            "to":"CANCELED"}],"unreachable":["payment"],"waitingFor":["payment"]}
            """
        #expect(String(decoding: try AdminJSON.encode(trace), as: UTF8.self) == expected)
    }

    struct Waiting: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let traces: [DaemonTrace]
        let waitingFor: [String]
    }

    private static let reserved = SagaFixture.trace(.inventory, "RESERVED", Array(SagaFixture.inventoryCommitted.steps.prefix(3)))

    static let waiting = [
        Waiting(
            testDescription: "nobody when all is done",
            traces: [SagaFixture.orderApproved, SagaFixture.inventoryCommitted], waitingFor: []),
        Waiting(
            testDescription: "inventory while the stock of an approved order is not sold",
            traces: [SagaFixture.orderApproved, reserved], waitingFor: ["inventory"]),
        Waiting(
            testDescription: "nobody known when inventory cannot be asked",
            traces: [SagaFixture.orderApproved], waitingFor: []),
        Waiting(
            testDescription: "whom the order service names while it is pending",
            traces: [SagaFixture.trace(.order, "PENDING", waitingFor: ["inventory", "payment"], []), reserved],
            waitingFor: ["inventory", "payment"]),
        Waiting(
            testDescription: "the order service where it holds up the answers that have come",
            traces: [
                SagaFixture.trace(.order, "PENDING", waitingFor: ["inventory", "payment"], heldBy: "d-1", []), reserved,
                SagaFixture.trace(.payment, nil, heldBy: "d-2", []),
            ],
            waitingFor: ["order", "payment"]),
        Waiting(
            testDescription: "the order service where it holds up the news that all was given back",
            traces: [
                SagaFixture.trace(.order, "CANCELED", waitingFor: ["inventory", "payment"], heldBy: "d-1", []), reserved,
                SagaFixture.trace(.payment, "REFUNDED", []),
            ],
            waitingFor: ["order", "inventory"]),
    ]

    @Test(arguments: waiting) func `it waits for`(example: Waiting) {
        #expect(SagaTrace(orderId: SagaFixture.orderId, traces: example.traces, unreachable: []).waitingFor == example.waitingFor)
    }
}
