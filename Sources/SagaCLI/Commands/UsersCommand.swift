import ArgumentParser

/// The group of `sagactl users`.
struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "Forget users.", subcommands: [UsersForgetCommand.self])
}
