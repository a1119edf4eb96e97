import ArgumentParser

struct InventoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory",
        abstract: "List stock and set it.",
        subcommands: [InventoryListCommand.self, InventorySetCommand.self],
        defaultSubcommand: InventoryListCommand.self)
}
