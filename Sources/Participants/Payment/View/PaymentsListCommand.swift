import AdminAPI
import ArgumentParser
import Wire
import Console

/// `sagactl payments list`: as many pages as the limit needs.
struct PaymentsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List payments, newest order first.")

    @Option(parsing: .unconditional, help: .init("How many at most.", valueName: "n"), transform: Arguments.limit)
    var limit = 50

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = options.suite().payment
        var payments: [Payment] = []
        var cursor: String?
        repeat {
            let page = try await client.payments(limit: min(limit - payments.count, 500), cursor: cursor)
            payments += page.payments
            cursor = page.nextCursor
        } while cursor != nil && payments.count < limit
        if output.json {
            try Output.json(PaymentPage(payments: payments, nextCursor: cursor))
        } else {
            try Output.write(Listing.payments(payments, .current))
        }
    }
}
