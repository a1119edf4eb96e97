import struct Saga.ServiceName
import AdminAPI
import Foundation
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI

@Suite struct DeadLetterViewTests {
    private func letter(_ record: [UInt8], reason: String = "the body is not JSON") -> DeadLetter {
        DeadLetter(
            id: "d-1", service: .inventory, kind: .unreadable, topic: "order-events", partition: 3, offset: 42, key: "k",
            headers: ["ce_type": "X", "ce_id": "e"],
            valueBase64: Data(record).base64EncodedString(), reason: reason, attempts: 2, createdAt: "2026-01-31T12:00:00.000Z")
    }

    private func queued(_ id: String, behind head: String? = nil) -> DeadLetter {
        DeadLetter(
            id: id, service: .payment, kind: head == nil ? .handlerFailed : .parked, parkedBehind: head, topic: "order-events",
            partition: 0, offset: 7, orderId: "o-1", valueBase64: "", reason: "no luck", attempts: head == nil ? 3 : 0,
            createdAt: "2026-01-31T12:00:00.000Z")
    }

    @Test func `dead letters are grouped by kind, and each group says what to do`() {
        let expected = """
            handler-failed: 1, each holds up its order: remove the cause, then sagactl dead-letters retry ID
            ID   SERVICE  RECORD            ORDER  ATTEMPTS  CREATED              REASON
            d-2  payment  order-events/0@7  o-1           3  2026-01-31 12:00:00  no luck

            parked: 2, handled in order when the one they are behind is retried or discarded
            ID   SERVICE  RECORD            ORDER  ATTEMPTS  CREATED              BEHIND
            d-3  payment  order-events/0@7  o-1           0  2026-01-31 12:00:00  d-2
            d-4  payment  order-events/0@7  o-1           0  2026-01-31 12:00:00  d-2

            unreadable: 1, not written by these daemons, or damaged: sagactl dead-letters show ID, then discard ID
            ID   SERVICE    RECORD             ORDER  ATTEMPTS  CREATED              REASON
            d-1  inventory  order-events/3@42                2  2026-01-31 12:00:00  the body is not JSON

            """
        let letters = [letter([]), queued("d-2"), queued("d-3", behind: "d-2"), queued("d-4", behind: "d-2")]
        #expect(DeadLetterView.table(letters, .plain) == expected)
        #expect(DeadLetterView.table([], .plain) == "no dead letters\n")
    }

    @Test func `a record that is text is shown as text`() {
        let expected = """
            id        d-1
            service   inventory
            kind      unreadable
            reason    the body is not JSON
            attempts  2
            created   2026-01-31T12:00:00.000Z
            record    order-events/3@42
            key       k
            header    ce_id: e
            header    ce_type: X

            7 bytes
            {"né"}

            """
        #expect(DeadLetterView.details(letter(Array(#"{"né"}"#.utf8)), .plain) == expected)
    }

    @Test func `any other record is shown as a hex dump`() {
        let shown = DeadLetterView.details(letter(Array("\u{1B}[2J".utf8) + Array(0xf0...0xff)), .plain)
        let expected = """
            20 bytes
            00000000  1b 5b 32 4a f0 f1 f2 f3  f4 f5 f6 f7 f8 f9 fa fb  |.[2J............|
            00000010  fc fd fe ff                                       |....|

            """
        #expect(shown.hasSuffix("\n\n" + expected))
    }

    @Test func `nothing from outside can command the terminal`() {
        let shown = DeadLetterView.details(letter([], reason: "bad\u{1B}]0;title\u{7}\nnext"), .plain)
        #expect(shown.contains("reason    bad\\u{1b}]0;title\\u{7}\\nnext\n"))
    }
}
