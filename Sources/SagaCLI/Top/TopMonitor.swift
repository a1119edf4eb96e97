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
    private var last: (counts: [String: Int], applied: Int, at: ContinuousClock.Instant)?

    private static let looked = 200
    private static let slowest = 3

    init(suite: Suite) { self.suite = suite }

    mutating func frame(orders limit: Int) async throws(Failure) -> TopFrame {
        async let statuses = suite.ask { client throws(AdminError) in try await client.status() }
        async let metrics = suite.ask { client throws(AdminError) in MetricsPage(try await client.metrics()) }
        async let newest = suite.ask([.order]) { client throws(AdminError) in
            try await client.orders(limit: max(Self.looked, limit)).orders
        }
        let report = try StatusReport(await statuses)
        let pages = await metrics
        let orders = await newest.first
        let applied = pages.reduce(0) { $0 + ($1.value?.sum("saga_events_applied_total") ?? 0) }
        let found = orders?.value ?? []
        let slowest = found.compactMap { order in order.decisionMicroseconds.map { (order, $0) } }.sorted { $0.1 > $1.1 }
        var frame = TopFrame(
            time: RFC3339.format(microseconds: Timestamp.now.microseconds), report: report, orders: Array(found.prefix(limit)),
            trouble: orders?.error?.description, rates: rates(report, applied: applied))
        frame.cancellations = pages.first { $0.service == .order }?.value?.counts("saga_orders_canceled_total", by: "reason") ?? []
        frame.slowest = slowest.prefix(Self.slowest).map(\.0)
        return frame
    }

    private mutating func rates(_ report: StatusReport, applied: Int) -> TopFrame.Rates? {
        guard let counts = report.services.first(where: { $0.orders != nil })?.orders else {
            last = nil
            return nil
        }
        let now = ContinuousClock.now
        defer { last = (counts, applied, now) }
        guard let last, now > last.at else { return nil }
        let seconds = (now - last.at) / .seconds(1)
        // Fewer than before means that a service was started anew or orders were purged, not that any were taken back.
        func rate(_ now: Int, _ before: Int) -> Double { Double(max(0, now - before)) / seconds }
        let (approved, canceled) = (OrderStatusName.approved, OrderStatusName.canceled)
        return TopFrame.Rates(
            placed: rate(counts.values.reduce(0, +), last.counts.values.reduce(0, +)),
            approved: rate(counts[approved] ?? 0, last.counts[approved] ?? 0),
            canceled: rate(counts[canceled] ?? 0, last.counts[canceled] ?? 0), applied: rate(applied, last.applied))
    }

    private enum OrderStatusName {
        static let approved = Order.Status.approved.rawValue
        static let canceled = Order.Status.canceled.rawValue
    }
}
