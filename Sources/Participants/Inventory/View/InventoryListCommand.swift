import AdminAPI
import ArgumentParser
import Wire
import Console

/// `sagactl inventory list`: the stock of every product.
struct InventoryListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the stock of all products: available, reserved for orders under way, sold.")

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let products = try await options.suite().inventory.products()
        if output.json {
            try Output.json(ProductList(products: products))
        } else {
            try Output.write(Listing.products(products, .current))
        }
    }
}
