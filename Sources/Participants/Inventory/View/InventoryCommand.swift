package import ArgumentParser
import Console

/// The group of `sagactl inventory`; without a subcommand it lists.
package struct InventoryCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inventory",
        abstract: "List stock, set it, add to it.",
        subcommands: [InventoryListCommand.self, InventorySetCommand.self, InventoryAddCommand.self],
        defaultSubcommand: InventoryListCommand.self)

    package init() {}
}
