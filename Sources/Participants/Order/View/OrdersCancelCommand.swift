import AdminAPI
import ArgumentParser
import Console

/// `sagactl orders cancel`: idempotent, the daemon answers a canceled order again.
struct OrdersCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel a pending order, or all that are pending for too long.",
        discussion: """
            Stock and money that were already set aside are given back; sagactl trace ID shows it. Canceling a canceled order does \
            nothing. Exit code 1 if the order is APPROVED or unknown.

            With --older-than all orders are canceled that are PENDING for longer; it asks first, unless --yes is given.

            Examples:
              sagactl orders cancel 01936f0e-8a7b-7c3d-9e1f-2a3b4c5d6e7f
              sagactl orders cancel --older-than 5m --dry-run
            """)

    @Argument(help: .init("The order.", valueName: "id"), completion: Completion.orders, transform: Arguments.identifier)
    var id: String?

    @Option(
        parsing: .unconditional, help: .init("All orders that are PENDING for longer, e.g. 1m.", valueName: "duration"),
        transform: Arguments.durationText)
    var olderThan: String?

    @Flag(help: "With --older-than: only say how many there are.")
    var dryRun = false

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (id == nil) != (olderThan == nil) else { throw ValidationError("give either the id of an order or --older-than") }
        guard olderThan != nil || !dryRun && !confirmation.yes else { throw ValidationError("--dry-run and --yes go with --older-than") }
        if olderThan != nil, !dryRun { try confirmation.require("cancel them") }
    }

    func run() async throws {
        let client = options.suite().order
        if let id { return try output.show(try await client.cancelOrder(id)) }
        try await cancelAll(client, olderThan: olderThan ?? "")
    }

    private func cancelAll(_ client: AdminClient, olderThan age: String) async throws {
        if !confirmation.yes, !dryRun {
            let count = try await client.cancelOrders(CancelRequest(olderThan: age, dryRun: true)).matched
            if count > 0 { try confirmation.ask("Cancel \(count) pending orders?", refused: "not canceled") }
        }
        let request = CancelRequest(olderThan: age, dryRun: dryRun)
        let result = try await Progress.showing("canceling orders") { () throws(AdminError) in try await client.cancelOrders(request) }
        if output.json {
            try Output.json(result)
        } else {
            try Output.line(
                result.matched == 0
                    ? "no order is pending for longer than \(age)"
                    : dryRun ? "\(result.matched) would be canceled" : "\(result.canceled) of \(result.matched) are canceled")
        }
    }
}
