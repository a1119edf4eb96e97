import AdminAPI
import ArgumentParser
import Wire
import Console

/// `sagactl payments show`: the payment of one order.
struct PaymentsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the payment of an order.",
        discussion: "Exit code 1 if the payment service does not know the order.")

    @Argument(help: .init("The order.", valueName: "order"), completion: Completion.orders, transform: Arguments.identifier)
    var order: String

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let payment = try await options.suite().payment.payment(order)
        if output.json {
            try Output.json(payment)
        } else {
            try Output.write(Listing.payment(payment, .current))
        }
    }
}
