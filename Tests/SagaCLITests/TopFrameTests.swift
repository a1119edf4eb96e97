import struct Saga.ServiceName
import AdminAPI
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI

@Suite struct TopFrameTests {
    @Test func `a frame shows the whole, the daemons, the rate and the newest orders`() throws {
        let order = Order(
            orderId: "019c1362-2400-7000-8000-000000000001", userId: 1, productId: 2, quantity: 3, amount: 400, status: .approved,
            createdAt: "2026-01-31T12:00:00.000Z", updatedAt: "2026-01-31T12:00:00.000Z")
        let status = ServiceStatus(service: .order, state: .ready, version: "1.0.0", pid: 7, uptimeSeconds: 5, orders: ["APPROVED": 1])
        let frame = TopFrame(
            time: "2026-01-31T12:00:01.000Z", report: try StatusReport([Answer(service: .order, result: .success(status))]),
            orders: [order],
            trouble: nil, rates: .init(placed: 12.34, approved: 10, canceled: 2.04, applied: 70))
        let expected = """
            saga  ready  2026-01-31 12:00:01 UTC
            12.3 orders/s, 10.0 approved/s, 2.0 canceled/s, 70.0 events/s

            SERVICE  STATE  VERSION  PID  UPTIME  TRANSPORT  OUTBOX  LAG  DEAD LETTERS
            order    ready  1.0.0      7  5 s

            orders: 0 PENDING, 1 APPROVED, 0 CANCELED

            ORDER                                 STATUS    USER  PRODUCT  QUANTITY  AMOUNT  CREATED                TOOK  REASON
            019c1362-2400-7000-8000-000000000001  APPROVED     1        2         3     400  2026-01-31 12:00:00  0.0 ms

            """
        #expect(frame.render(.plain) == expected)
        let narrow = frame.render(.plain, width: 80).split(separator: "\n")
        #expect(narrow.allSatisfy { $0.count <= 80 })
        #expect(narrow.last == "019c1362-2400-7000-8000-000000000001  APPROVED  2026-01-31 12:00:00")
    }
}
