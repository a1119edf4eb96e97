import AdminAPI
import ArgumentParser
import Wire
import Console

/// `sagactl inventory set`: what somebody counted. Setting is idempotent.
struct InventorySetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set how much of a product is available.",
        discussion: """
            Creates the product if it is unknown; what is reserved and sold stays as it is. A delivery is better added (sagactl \
            inventory add): what is ordered between counting and setting is not lost then.

            Example:
              sagactl inventory set 1 --available 100
            """)

    @Argument(help: .init("The product.", valueName: "product"), completion: Completion.products, transform: Arguments.positive)
    var product: Int64

    @Option(
        parsing: .unconditional, help: .init("How much can be ordered from now on, 0 or more.", valueName: "n"), transform: Arguments.count)
    var available: Int64

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let product = try await options.suite().inventory.setStock(product, available: available)
        if output.json {
            try Output.json(product)
        } else {
            try Output.write(Listing.products([product], .current))
        }
    }
}
