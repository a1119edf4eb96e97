import struct Saga.ServiceName
import AdminAPI
import FoundationXML
import Foundation
import Testing

@testable import Console
@testable import SagaCLI

@Suite struct TraceDrawingTests {
    private func elements(_ trace: SagaTrace, _ path: String = "//*") throws -> [XMLElement] {
        let document = try XMLDocument(xmlString: TraceDrawing(trace: trace).render())
        return try document.nodes(forXPath: path).compactMap { $0 as? XMLElement }
    }

    @Test func `every event is an arrow from who emitted it to who received it`() throws {
        let elements = try elements(SagaFixture.approved)
        let received = SagaFixture.approved.steps.count { $0.kind == .received }
        #expect(try self.elements(SagaFixture.approved, "//*[local-name()='path'][@marker-end]").count == received)
        let texts = elements.filter { $0.name == "text" }.map { $0.stringValue ?? "" }
        #expect(texts.contains("PENDING → APPROVED"))
        #expect(texts.contains("PAYMENT_APPROVED (duplicate)"))
        #expect(texts.contains("APPROVED after 12.5 ms"))
    }

    @Test func `what is missing and what is waited for stands in it`() throws {
        let texts = try elements(SagaFixture.compensating).filter { $0.name == "text" }.map { $0.stringValue ?? "" }
        #expect(texts.contains("payment could not be reached: its steps are missing"))
        #expect(texts.contains("waiting"))
    }

    @Test func `text from outside is no markup`() throws {
        let step = TraceStep(
            timeMicros: SagaFixture.start, service: .order, kind: .emitted, eventType: "</svg><script>\u{1}&\"", eventId: "e")
        let trace = SagaTrace(
            orderId: SagaFixture.orderId,
            traces: [DaemonTrace(service: .order, orderId: SagaFixture.orderId, status: nil, waitingFor: nil, heldBy: nil, steps: [step])],
            unreachable: [])
        let elements = try elements(trace)
        #expect(!elements.contains { $0.name == "script" })
        #expect(elements.contains { $0.stringValue == "</svg><script>\u{B7}&\"" })
    }
}
