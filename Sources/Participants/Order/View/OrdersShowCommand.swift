import AdminAPI
import ArgumentParser
import Console

/// `sagactl orders show`: one order as it is now.
struct OrdersShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one order.",
        discussion: "Exit code 1 if there is no such order. How it came to be so is shown by: sagactl trace ID")

    @Argument(help: .init("The order.", valueName: "id"), completion: Completion.orders, transform: Arguments.identifier)
    var id: String

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try await options.suite().order.order(id))
    }
}
