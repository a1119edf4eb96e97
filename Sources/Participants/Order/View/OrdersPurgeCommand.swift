import AdminAPI
import ArgumentParser
import Console
import Saga

/// `sagactl orders purge`: a page at a time — read, exported, deleted — so that it may be broken off anywhere, and run again.
struct OrdersPurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Delete old orders, with what inventory and payment hold of them.",
        discussion: """
            Only final orders of which nothing is still to be published, refunded or released; stock that was sold stays sold. With \
            --export they are written to a file first, a JSON document a line; one that is there is continued. It asks first, unless \
            --yes is given. Broken off in the middle it is run again. The key orderRetention has the daemons do the same by themselves.

            Examples:
              sagactl orders purge --before 365d --dry-run
              sagactl orders purge --before 2026-01-01T00:00:00Z --export orders-2025.jsonl
            """)

    @Option(
        parsing: .unconditional, help: .init("Those placed before this RFC 3339 time, or longer ago than e.g. 365d.", valueName: "time"),
        transform: Arguments.timeOrAge)
    var before: String

    @Option(help: .init("Write them to this file first.", valueName: "file"), completion: .file())
    var export: String?

    @Flag(help: "Only say how many there are.")
    var dryRun = false

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    private struct Result: Encodable {
        var matched = 0
        var purged = 0
        var exported = 0
    }

    private struct Page: Sendable {
        let orders: [Order]
        let next: String?
    }

    func validate() throws {
        if !dryRun { try confirmation.require("purge them") }
    }

    func run() async throws {
        let suite = options.suite()
        let count = try await Progress.showing("counting orders") { () throws(AdminError) in
            try await suite.order.purgeOrders(.count(before: before))
        }
        guard !dryRun, count.matched > 0 else { return try show(Result(matched: count.matched)) }
        try confirmation.ask("Purge \(Quantity.count(count.matched, "order")) for good?", refused: "not purged")
        let file = try export.map { try OrderExport(path: $0) }
        let counter = Progress.Counter()
        let (result, last) = try await Progress.showing("purging orders", counter) { try await purge(suite, file, counter) }
        if let last { await Progress.showing("waiting for the others") { await waitForOthers(suite, last) } }
        try show(result)
        if result.purged < result.matched {
            let left = result.matched - result.purged
            Output.error("not at rest, and so kept: \(Quantity.count(left, "order")); sagactl reconcile says what is off, if anything")
        }
    }

    private func show(_ result: Result) throws {
        if output.json { return try Output.json(result) }
        let exported = result.exported > 0 ? ", \(result.exported) exported" : ""
        try Output.line(
            result.matched == 0
                ? "no final order is that old"
                : dryRun ? "\(result.matched) would be purged" : "\(result.purged) of \(result.matched) purged\(exported)")
    }

    private func purge(
        _ suite: Suite, _ file: OrderExport?, _ counter: Progress.Counter
    ) async throws -> (result: Result, last: String?) {
        var result = Result()
        var last: String?
        for status in [Order.Status.approved, .canceled] {
            var cursor: String?
            repeat {
                let page = try await suite.order.orders(OrderSelection(status: status, until: before), limit: 200, cursor: cursor)
                cursor = page.nextCursor
                guard !page.orders.isEmpty else { break }
                result.matched += page.orders.count
                if let file {
                    let entries = try await entries(of: page.orders, suite)
                    try file.add(entries)
                    result.exported += entries.count
                }
                let ids = page.orders.map(\.orderId)
                let purged = try await suite.order.purgeOrders(.purge(ids)).purged
                result.purged += purged
                counter.add(purged)
                if purged > 0 { last = ids.last }
            } while cursor != nil
        }
        return (result, last)
    }

    /// A few at a time, in the order of the page.
    private func entries(of orders: [Order], _ suite: Suite) async throws -> [OrderExport.Entry] {
        try await withThrowingTaskGroup(of: (Int, OrderExport.Entry).self) { group in
            var entries = [OrderExport.Entry?](repeating: nil, count: orders.count)
            for (index, order) in orders.enumerated() {
                if index >= 8, let (done, entry) = try await group.next() { entries[done] = entry }
                group.addTask {
                    let (id, inventory, payment) = (order.orderId, suite[.inventory], suite[.payment])
                    let reservation = try await Self.known { () throws(AdminError) in try await inventory.reservation(id) }
                    let charge = try await Self.known { () throws(AdminError) in try await payment.payment(id) }
                    return (index, OrderExport.Entry(order: order, reservation: reservation, payment: charge))
                }
            }
            for try await (done, entry) in group { entries[done] = entry }
            return entries.compactMap(\.self)
        }
    }

    private static func known<Value>(_ question: () async throws(AdminError) -> Value) async throws(AdminError) -> Value? {
        do throws(AdminError) {
            return try await question()
        } catch {
            guard error.problemStatus == 404 else { throw error }
            return nil
        }
    }

    /// The others delete when they hear of it; whoever looks after this has returned should find nothing.
    private func waitForOthers(_ suite: Suite, _ order: String) async {
        let end = ContinuousClock.now + .seconds(10)
        var waiting = ServiceName.allCases
        var isAway = false
        while !isAway, .now < end {
            var rest: [ServiceName] = []
            for service in waiting {
                do throws(AdminError) {
                    if try await !suite[service].hasPurged(order) { rest.append(service) }
                } catch {
                    isAway = true
                    rest.append(service)
                }
            }
            waiting = rest
            guard !waiting.isEmpty else { return }
            try? await Task.sleep(for: .milliseconds(50))
        }
        Output.error("\(waiting.map(\.rawValue).joined(separator: " and ")) will purge them as soon as the events about it are read there")
    }
}
