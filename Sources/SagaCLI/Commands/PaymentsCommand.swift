import ArgumentParser

struct PaymentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payments",
        abstract: "List and show payments.",
        subcommands: [PaymentsListCommand.self, PaymentsShowCommand.self],
        defaultSubcommand: PaymentsListCommand.self)
}
