import Console
import ArgumentParser
import Saga

/// The root of the command tree. Its option groups are shared with every subcommand, so that `--runtime-directory`, `--config`
/// and `--json` mean the same before and after a subcommand's name.
struct Sagactl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sagactl",
        abstract: "Look after the saga daemons: orders, stock, payments and the events between them.",
        discussion: """
            sagactl asks the daemons on their admin sockets, <runtime directory>/<service>/admin.sock. You must be root or in \
            group sagad; members of group sagad-read may use what only shows something.

            Examples:
              sagactl status
              sagactl orders create --user 1 --product 1 --quantity 2 --amount 1000
              sagactl trace 01936f0e-8a7b-7c3d-9e1f-2a3b4c5d6e7f
              sagactl orders --status PENDING --json

            Exit codes: 0 done; 1 what was asked for is not so; 64 usage; 69 a daemon could not be reached; \
            74 the output could not be written. \
            status: 0 ready, 1 degraded or stopping, 2 down.
            """,
        version: Version.current,
        subcommands: [
            StatusCommand.self, TraceCommand.self,
        ] + Participants.commands + [
            UsersCommand.self, DeadLettersCommand.self, EventsCommand.self, ReconcileCommand.self, BackupCommand.self, ConfigCommand.self,
            BugReportCommand.self, ChoreographyCommand.self, LogLevelCommand.self, PauseCommand.self, ResumeCommand.self, TopCommand.self,
            WebCommand.self,
        ])

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions
}
