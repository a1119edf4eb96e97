import Saga
import Testing
import Wire

@testable import OrderService

@Suite struct WebhookLanesTests {
    private static func deliveries(_ positions: ClosedRange<Int64>) -> [WebhookDelivery] {
        positions.map { WebhookDelivery(position: $0, orderID: OrderID(bits: UInt128($0)), failures: 0, waited: .zero) }
    }

    @Test func `orders that are not taken leave room for new ones, and the other way round`() {
        var lanes = WebhookLanes()
        let due = WebhookLanesTests.deliveries(1001...1100)
        #expect(lanes.next(due: due).map(\.position) == Array(1001...1008))
        #expect(lanes.next(due: due).isEmpty)
        lanes.add(new: WebhookLanesTests.deliveries(1...100))
        #expect(lanes.next(due: due).map(\.position) == Array(1...24))
        #expect(lanes.read == 100)
        #expect(!lanes.wantsNew)
        lanes.over(due[0])
        #expect(lanes.next(due: Array(due.dropFirst())).map(\.position) == [1009])
        lanes.over(WebhookLanesTests.deliveries(1...1)[0])
        #expect(lanes.next(due: []).map(\.position) == [25])
    }

    @Test func `one that is on its way is not sent once more at the same time`() {
        var lanes = WebhookLanes()
        let due = WebhookLanesTests.deliveries(1...3)
        #expect(lanes.next(due: due) == due)
        #expect(lanes.next(due: due).isEmpty)
        lanes.over(due[1])
        #expect(lanes.next(due: due) == [due[1]])
    }
}
