import AdminAPI
import ArgumentParser
import Wire
import Console

/// `sagactl orders list`: as many pages as the limit needs, shown as they come; only the slowest have to be kept.
struct OrdersListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List orders, newest first.",
        discussion: """
            With --slowest those that took longest to be decided, slowest first, of all that are chosen. --csv has the members that REST has \
            (RFC 4180).

            Examples:
              sagactl orders --limit 10
              sagactl orders list --status CANCELED --reason payment_failed --since 2h --json
              sagactl orders --all --csv > orders.csv
              sagactl orders --slowest --since 1d --limit 20
            """)

    @OptionGroup var filter: OrderSelectionOptions

    @Option(parsing: .unconditional, help: .init("How many at most (default: 50).", valueName: "n"), transform: Arguments.limit)
    var limit: Int?

    @Flag(help: "All of them, however many.")
    var all = false

    @Flag(help: "As comma-separated values.")
    var csv = false

    @Flag(help: "Those that took longest to be decided.")
    var slowest = false

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !all || limit == nil else { throw ValidationError("give either --limit or --all") }
        guard !csv || !output.json else { throw ValidationError("give either --csv or --json") }
        guard !slowest || !all else { throw ValidationError("--slowest goes with --limit") }
        guard !slowest || filter.status != .pending else {
            throw ValidationError("a PENDING order is not decided: --slowest has no place for it")
        }
    }

    func run() async throws {
        let client = options.suite().order
        let counter = Progress.Counter()
        try await Progress.showing("reading orders", slowest || all ? counter : nil) {
            if slowest { try await listSlowest(client, counter) } else { try await list(client, counter) }
        }
    }

    private var format: OrderListing.Format { csv ? .csv : output.json ? .json : .table }

    private func list(_ client: AdminClient, _ counter: Progress.Counter) async throws {
        var listing = OrderListing(format)
        var left = all ? Int.max : limit ?? 50
        var cursor: String?
        repeat {
            let page = try await client.orders(filter.selection, limit: min(left, 500), cursor: cursor)
            try listing.add(page.orders)
            counter.add(page.orders.count)
            left -= page.orders.count
            cursor = page.nextCursor
        } while cursor != nil && left > 0
        try listing.end(nextCursor: cursor)
    }

    private func listSlowest(_ client: AdminClient, _ counter: Progress.Counter) async throws {
        let most = limit ?? 50
        var slowest: [(order: Order, microseconds: Int64)] = []
        var cursor: String?
        repeat {
            let page = try await client.orders(filter.selection, limit: 500, cursor: cursor)
            slowest += page.orders.compactMap { order in order.decisionMicroseconds.map { (order, $0) } }
            counter.add(page.orders.count)
            cursor = page.nextCursor
            if cursor == nil || slowest.count >= 4 * most {
                slowest = Array(slowest.sorted { $0.microseconds > $1.microseconds }.prefix(most))
            }
        } while cursor != nil
        var listing = OrderListing(format)
        try listing.add(slowest.map(\.order))
        try listing.end(nextCursor: nil)
    }
}

extension Order {
    /// How long it took to be decided; nil as long as it is not.
    package var decisionMicroseconds: Int64? {
        guard status.isFinal, let begun = RFC3339.parse(createdAt), let ended = RFC3339.parse(updatedAt) else { return nil }
        return max(0, ended - begun)
    }
}
