package import ArgumentParser
import Console

/// The group of `sagactl payments`; without a subcommand it lists.
package struct PaymentsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "payments",
        abstract: "List and show payments.",
        subcommands: [PaymentsListCommand.self, PaymentsShowCommand.self],
        defaultSubcommand: PaymentsListCommand.self)

    package init() {}
}
