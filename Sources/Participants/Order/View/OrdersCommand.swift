package import ArgumentParser
import Console

/// The group of `sagactl orders`; without a subcommand it lists.
package struct OrdersCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "orders",
        abstract: "List, show, create, cancel, watch and purge orders.",
        subcommands: [
            OrdersListCommand.self, OrdersShowCommand.self, OrdersCreateCommand.self, OrdersCancelCommand.self, OrdersWatchCommand.self,
            OrdersPurgeCommand.self,
        ],
        defaultSubcommand: OrdersListCommand.self)

    package init() {}
}
