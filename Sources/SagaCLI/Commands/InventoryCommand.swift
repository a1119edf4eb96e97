import ArgumentParser

/// The group of `sagactl inventory`; without a subcommand it lists.
struct InventoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory",
        abstract: "List stock and set it.",
        subcommands: [InventoryListCommand.self, InventorySetCommand.self],
        defaultSubcommand: InventoryListCommand.self)
}
