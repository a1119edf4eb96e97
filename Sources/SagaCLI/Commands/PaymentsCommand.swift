import ArgumentParser

/// The group of `sagactl payments`; without a subcommand it lists.
struct PaymentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payments",
        abstract: "List and show payments.",
        subcommands: [PaymentsListCommand.self, PaymentsShowCommand.self],
        defaultSubcommand: PaymentsListCommand.self)
}
