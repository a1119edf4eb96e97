import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import Testing
import Wire

@Suite struct IncomingRecordTests {
    private let order = OrderID(bits: 10)
    private let id = "01980000-0000-7000-8000-000000000001"

    private func record(_ headers: [String: String?], value: [UInt8]? = nil) -> IncomingRecord {
        IncomingRecord(
            topic: "order-events", partition: 0, offset: 0, key: nil,
            attributes: .headers(headers.map { .init(name: $0.key, value: $0.value.map { Array($0.utf8) }) }),
            value: value ?? SagaEvent.orderApproved(orderID: order).encoded())
    }

    private func envelope(_ headers: [String: String?]) throws -> EventEnvelope? {
        if case .event(let envelope) = try record(headers).decoded() { envelope } else { nil }
    }

    @Test func `The headers say who caused the event and in which trace`() throws {
        let envelope = try #require(
            try envelope([
                "ce_id": id, "ce_causationid": "01980000-0000-7000-8000-000000000002",
                "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "ce_type": "SOMETHING_ELSE",
            ]))
        #expect(envelope.id == EventID(id))
        #expect(envelope.causation == EventID("01980000-0000-7000-8000-000000000002"))
        #expect(envelope.trace == TraceContext(traceID: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736))
        #expect(envelope.event == .orderApproved(orderID: order))
    }

    @Test func `Only the id is required, and what else is malformed is as if it were not there`() throws {
        let expected = EventEnvelope(
            id: EventID(id)!, time: nil, causation: nil, trace: TraceContext(order: order), event: .orderApproved(orderID: order))
        #expect(try envelope(["ce_id": id.uppercased()]) == expected)
        #expect(try envelope(["ce_id": id, "ce_causationid": "x", "traceparent": "00-0-0-0"]) == expected)
        #expect(try envelope(["ce_id": id, "ce_causationid": nil, "traceparent": nil]) == expected)
    }

    @Test(
        arguments: [
            ([:], .missingID), (["CE_ID": "01980000-0000-7000-8000-000000000001"], .missingID), (["ce_id": ""], .malformedID),
            (["ce_id": nil], .malformedID), (["ce_id": "not-a-uuid"], .malformedID),
        ] as [([String: String?], DeadLetterKind)])
    func `Without a readable id it is no event`(headers: [String: String?], kind: DeadLetterKind) {
        #expect(performing: { try record(headers).decoded() }, throws: { ($0 as? UnreadableRecord)?.kind == kind })
    }

    @Test(
        arguments: [
            (nil, .unreadable), ("", .unreadable), ("ORDER_CREATED", .unreadable), ("[]", .unreadable), ("{}", .schema),
            (#"{"type":"ORDER_APPROVED","payload":{}}"#, .schema),
            (#"{"type":"ORDER_APPROVED"}"# + String(repeating: " ", count: SagaEvent.largestBody), .tooLarge),
        ] as [(String?, DeadLetterKind)])
    func `Without a body that the contract describes it is no event`(body: String?, kind: DeadLetterKind) {
        var record = record(["ce_id": id])
        record.value = body.map { Array($0.utf8) }
        #expect(performing: { try record.decoded() }, throws: { ($0 as? UnreadableRecord)?.kind == kind })
    }

    @Test(arguments: [["ce_id": "01980000-0000-7000-8000-000000000001"], ["ce_id": "x"], [:]])
    func `An unknown type is passed over whatever its id`(headers: [String: String?]) throws {
        let record = record(headers, value: Array(#"{"type":"ORDER_SHIPPED","payload":{}}"#.utf8))
        guard case .unknownType("ORDER_SHIPPED") = try record.decoded() else {
            Issue.record("not passed over")
            return
        }
    }
}
