import Console
import InventoryView
import OrderView
import PaymentView
import Saga
import AdminAPI
import Wire

/// Takes the frames of the live screen, remembering from one to the next what a rate is the difference of.
struct TopMonitor: Sendable {
    private let suite: Suite
    private var last: (total: Int, at: ContinuousClock.Instant)?

    init(suite: Suite) { self.suite = suite }

    mutating func frame(orders limit: Int) async throws(Failure) -> TopFrame {
        async let statuses = suite.ask { client throws(AdminError) in try await client.status() }
        async let newest = suite.ask([.order]) { client throws(AdminError) in try await client.orders(limit: max(1, limit)).orders }
        let report = try StatusReport(await statuses)
        let orders = await newest.first
        let now = ContinuousClock.now
        var frame = TopFrame(
            time: RFC3339.format(microseconds: Timestamp.now.microseconds), report: report, orders: orders?.value ?? [],
            trouble: orders?.error?.description, rate: nil)
        if let total = frame.total {
            if let last, now > last.at {
                // Fewer than before means that the service was reset, not that orders were taken back.
                let rate = Double(max(0, total - last.total)) / ((now - last.at) / .seconds(1))
                frame = TopFrame(time: frame.time, report: report, orders: frame.orders, trouble: frame.trouble, rate: rate)
            }
            last = (total, now)
        } else {
            last = nil
        }
        return frame
    }
}
