import Console
import ArgumentParser

/// The group of `sagactl events`.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Publish events again.", subcommands: [RepublishCommand.self])
}
