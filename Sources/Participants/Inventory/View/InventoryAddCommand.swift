import Console
import AdminAPI
import ArgumentParser

/// `sagactl inventory add`: a delivery or a loss. Sent once: repeated, it would count twice.
struct InventoryAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add to what is available of a product, or take from it.",
        discussion: """
            What is ordered meanwhile is counted right. Exit code 1 if the product is unknown, or fewer are available than are to be \
            taken away; nothing is changed then.

            Examples:
              sagactl inventory add 1 --by 50
              sagactl inventory add 1 --by -3
            """)

    @Argument(help: .init("The product.", valueName: "product"), completion: Completion.products, transform: Arguments.positive)
    var product: Int64

    @Option(parsing: .unconditional, help: .init("How many more; negative: fewer.", valueName: "n"), transform: Arguments.change)
    var by: Int64

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let product = try await adjusted(options.suite().inventory)
        if output.json {
            try Output.json(product)
        } else {
            try Output.write(Listing.products([product], .current))
        }
    }

    private func adjusted(_ client: AdminClient) async throws -> Product {
        do throws(AdminError) {
            return try await client.adjustStock(product, by: by)
        } catch {
            switch error {
            case .connectionLost, .timedOut:
                throw Failure(error).adding("it may have been done all the same; look at sagactl inventory before trying again")
            case .unreachable, .untrusted, .problem, .malformed: throw error
            }
        }
    }
}
