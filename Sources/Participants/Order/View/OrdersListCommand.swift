import AdminAPI
import ArgumentParser
import Wire
import Console

/// `sagactl orders list`: as many pages as the limit needs.
struct OrdersListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List orders, newest first.",
        discussion: """
            Examples:
              sagactl orders --limit 10
              sagactl orders list --status CANCELED --json
            """)

    @Option(parsing: .unconditional, help: .init("Only orders with this status: PENDING, APPROVED or CANCELED.", valueName: "status"))
    var status: Order.Status?

    @Option(parsing: .unconditional, help: .init("How many at most.", valueName: "n"), transform: Arguments.limit)
    var limit = 50

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = options.suite().order
        var orders: [Order] = []
        var cursor: String?
        repeat {
            let page = try await client.orders(status: status, limit: min(limit - orders.count, 500), cursor: cursor)
            orders += page.orders
            cursor = page.nextCursor
        } while cursor != nil && orders.count < limit
        if output.json {
            try Output.json(OrderPage(orders: orders, nextCursor: cursor))
        } else {
            try Output.write(Listing.orders(orders, .current))
        }
    }
}
