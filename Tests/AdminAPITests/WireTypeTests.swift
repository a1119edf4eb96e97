import enum Saga.DeadLetterKind
import struct Saga.ServiceName
import Foundation
import Testing

@testable import AdminAPI
import Wire

@Suite struct WireTypeTests {
    private func json(_ value: some Encodable) throws -> String { String(decoding: try AdminJSON.encode(value), as: UTF8.self) }

    @Test func `absent values are left out, not null`() throws {
        #expect(try json(ServiceStatus.down(.payment)) == #"{"service":"payment","state":"down"}"#)
        #expect(try json(Payment(orderId: "o", status: .void)) == #"{"orderId":"o","status":"VOID"}"#)
        #expect(try json(Reservation(orderId: "o", status: .void)) == #"{"orderId":"o","status":"VOID"}"#)
        #expect(try json(OrderPage(orders: [])) == #"{"orders":[]}"#)
        #expect(try json(RetryResult(id: "d", outcome: .applied)) == #"{"id":"d","outcome":"applied"}"#)
        #expect(try json(RepublishRequest.order("o")) == #"{"orderId":"o"}"#)
        #expect(try json(RepublishRequest.since("t")) == #"{"since":"t"}"#)
    }

    @Test func `a status has the members people were promised`() throws {
        let status = ServiceStatus(
            service: .order, state: .ready, version: "1.0", pid: 7, uptimeSeconds: 60, transport: .init(kind: "direct", connected: true),
            outbox: .init(pending: 2, oldestSeconds: 1), lag: 3, deadLetters: 4, orders: ["PENDING": 1])
        let expected = """
            {"deadLetters":4,"lag":3,"orders":{"PENDING":1},"outbox":{"oldestSeconds":1,"pending":2},"pid":7,"service":"order",\
            "state":"ready","transport":{"connected":true,"kind":"direct"},"uptimeSeconds":60,"version":"1.0"}
            """
        #expect(try json(status) == expected)
    }

    @Test(
        arguments: [
            (.handlerFailed, "handler-failed"), (.parked, "parked"), (.unreadable, "unreadable"), (.schema, "schema"),
            (.missingID, "missing-id"), (.malformedID, "malformed-id"), (.tooLarge, "too-large"),
        ] as [(DeadLetterKind, String)])
    func `the kinds of dead letters keep their names`(kind: DeadLetterKind, name: String) {
        #expect(kind.rawValue == name)
    }

    @Test func `a dead letter has the members people were promised`() throws {
        let letter = DeadLetter(
            id: "d", service: .inventory, kind: .parked, parkedBehind: "c", topic: "order-events", partition: 3, offset: 42, key: "k",
            orderId: "o", headers: ["ce_id": "x"], valueBase64: "eA==", reason: "not JSON", attempts: 1,
            createdAt: "2026-01-31T12:00:00.000Z")
        let expected = """
            {"attempts":1,"createdAt":"2026-01-31T12:00:00.000Z","headers":{"ce_id":"x"},"id":"d","key":"k",\
            "kind":"parked","offset":42,"orderId":"o","parkedBehind":"c","partition":3,"reason":"not JSON","service":"inventory",\
            "topic":"order-events","valueBase64":"eA=="}
            """
        #expect(try json(letter) == expected)
    }

    @Test func `a trace step says when in both ways`() throws {
        let step = TraceStep(
            timeMicros: 1_769_860_800_123_456, service: .payment, kind: .received, eventType: "ORDER_CREATED", eventId: "e",
            outcome: .deadLettered)
        let expected = """
            {"eventId":"e","eventType":"ORDER_CREATED","kind":"received","outcome":"dead-lettered","service":"payment",\
            "time":"2026-01-31T12:00:00.123Z","timeMicros":1769860800123456}
            """
        #expect(try json(step) == expected)
        #expect(try AdminJSON.decode(TraceStep.self, from: Data(expected.utf8)) == step)
    }

    @Test func `a problem keeps its extension members`() throws {
        let problem = Problem(title: "No", status: 503, detail: "full", extras: ["retryAfter": "1 s"])
        let text = #"{"detail":"full","retryAfter":"1 s","status":503,"title":"No","type":"about:blank"}"#
        #expect(try json(problem) == text)
        #expect(try AdminJSON.decode(Problem.self, from: Data(text.utf8)) == problem)
        let bare = try AdminJSON.decode(Problem.self, from: Data(#"{"errors":[1]}"#.utf8))
        #expect(bare == Problem(title: "", status: 0))
    }
}
