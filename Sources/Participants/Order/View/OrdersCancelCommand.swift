import AdminAPI
import ArgumentParser
import Console

/// `sagactl orders cancel`: idempotent, the daemon answers a canceled order again.
struct OrdersCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel a pending order.",
        discussion: """
            Stock and money that were already set aside are given back; sagactl trace ID shows it. Canceling a canceled order does \
            nothing. Exit code 1 if the order is APPROVED or unknown.
            """)

    @Argument(help: .init("The order.", valueName: "id"), completion: Completion.orders, transform: Arguments.identifier)
    var id: String

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try await options.suite().order.cancelOrder(id))
    }
}
