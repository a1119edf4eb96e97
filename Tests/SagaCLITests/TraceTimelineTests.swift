import struct Saga.ServiceName
import AdminAPI
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI

@Suite struct TraceTimelineTests {
    private static let later = SagaFixture.start + 75_000_000

    private func render(_ trace: SagaTrace, colours: Bool = false, unicode: Bool = true) -> String {
        TraceTimeline(trace: trace, now: Self.later, style: Style(colours: colours, unicode: unicode)).render()
    }

    @Test func `an approved saga at one glance`() {
        let expected = """
            order 019c1362-2400-7000-8000-000000000001  APPROVED after 12.5 ms
            began 2026-01-31T12:00:00.000Z, last step after 61.0 ms

                    at  order                 inventory             payment                    took
               +0.0 ms  ◆ PENDING             │                     │                        0.0 ms
               +0.0 ms  → ORDER_CREATED       │                     │                        0.0 ms
               +2.1 ms  │                     ← ORDER_CREATED       │                        2.1 ms
               +2.3 ms  │                     ◆ RESERVED            │                        0.2 ms
               +2.3 ms  │                     → INVENTORY_RESERVED  │                        0.2 ms
               +2.5 ms  │                     │                     ← ORDER_CREATED          2.5 ms
               +4.9 ms  ← INVENTORY_RESERVED  │                     │                        2.6 ms
               +9.8 ms  │                     │                     ◆ APPROVED               7.3 ms
               +9.8 ms  │                     │                     → PAYMENT_APPROVED       7.3 ms
              +12.4 ms  ← PAYMENT_APPROVED    │                     │                        2.6 ms
              +12.5 ms  ◆ PENDING→APPROVED    │                     │                        0.1 ms
              +12.5 ms  → ORDER_APPROVED      │                     │                        0.1 ms
              +15.0 ms  │                     ← ORDER_APPROVED      │                        2.5 ms
              +15.1 ms  │                     ◆ RESERVED→COMMITTED  │                        0.1 ms
              +61.0 ms  ← PAYMENT_APPROVED    │                     │                       51.2 ms duplicate

            → emitted  ← received  ◆ decided

            """
        #expect(render(SagaFixture.approved) == expected)
    }

    @Test func `a saga that waits, with a daemon missing, in ASCII`() {
        let expected = """
            order 019c1362-2400-7000-8000-000000000001  CANCELED after 12.5 ms: PAYMENT_FAILED
            began 2026-01-31T12:00:00.000Z

                    at  order                 inventory             payment (no answer)        took
               +0.0 ms  * PENDING             |                     |                        0.0 ms
               +0.0 ms  -> ORDER_CREATED      |                     |                        0.0 ms
               +2.1 ms  |                     <- ORDER_CREATED      |                        2.1 ms
               +2.3 ms  |                     * RESERVED            |                        0.2 ms
               +2.3 ms  |                     -> INVENTORY_RESERVED |                        0.2 ms
               +4.9 ms  <- INVENTORY_RESERVED |                     |                        2.6 ms
              +12.4 ms  <- PAYMENT_FAILED     |                     |
              +12.5 ms  * PENDING->CANCELED   |                     |                        0.1 ms
                        | PAYMENT_FAILED      |                     |
              +12.5 ms  -> ORDER_CANCELED     |                     |                        0.1 ms
              +15.0 ms  |                     <- ORDER_CANCELED     |                        2.5 ms dead letter
                        |                     | the payload lacks reason
             +1 m 15 s  |                     ... waiting           |

            waiting for inventory
            payment could not be reached: its steps are missing; systemctl status saga-payment
            -> emitted  <- received  * decided

            """
        let text = render(SagaFixture.compensating, unicode: false)
        #expect(text == expected)
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func `without the order service the rest is still drawn`() {
        let text = render(SagaTrace(orderId: SagaFixture.orderId, traces: [SagaFixture.paymentApproved], unreachable: [.order]))
        #expect(text.hasPrefix("order \(SagaFixture.orderId)  (the order service cannot be asked)\n"))
        #expect(text.contains("order (no answer)"))
        #expect(text.contains("◆ APPROVED"))
    }

    @Test func `an order that the order service does not know is called so`() {
        let text = render(SagaTrace(orderId: SagaFixture.orderId, traces: [SagaFixture.paymentApproved], unreachable: []))
        #expect(text.hasPrefix("order \(SagaFixture.orderId)  (unknown to the order service)\n"))
    }

    @Test func `no word of a reason is lost`() {
        let words = (1...60).map { "word\($0)" }
        let steps = [SagaFixture.received(.payment, 0, "ORDER_CREATED", "e1", .deadLettered, reason: words.joined(separator: " "))]
        let text = render(SagaTrace(orderId: SagaFixture.orderId, traces: [SagaFixture.trace(.order, "PENDING", steps)], unreachable: []))
        #expect(text.split { $0.isWhitespace }.map(String.init).filter { $0.hasPrefix("word") } == words)
    }

    @Test(arguments: [
        ("INVENTORY_RELEASED", "short"), (String(repeating: "LONG_", count: 40), String(repeating: "why ", count: 60)),
    ])
    func `no line is wider than 100 columns`(type: String, reason: String) {
        let steps = ServiceName.allCases.flatMap { service in
            (0..<4).map { SagaFixture.received(service, Int64($0) * 9_999_940, type, "\($0)", .deadLettered, reason: "\($0) \(reason)") }
        }
        let text = render(SagaTrace(orderId: SagaFixture.orderId, traces: [SagaFixture.trace(.order, "PENDING", steps)], unreachable: []))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test func `a duplicate is dimmed and an approval is green`() {
        let text = render(SagaFixture.approved, colours: true)
        #expect(text.contains("\u{1B}[2m← PAYMENT_APPROVED\u{1B}[0m"))
        #expect(text.contains("\u{1B}[1;32m◆ PENDING→APPROVED\u{1B}[0m"))
    }
}
