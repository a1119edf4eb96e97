import ArgumentParser
import Saga
import Wire

/// The root of the benchmark's commands.
@main
struct Sagabench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sagabench",
        abstract: "Measure the saga daemons: orders a second, latencies, and what they cost.",
        discussion: """
            Starts a suite of its own, the release binaries beside it, in a temporary directory; or drives one that runs, with --url \
            and --admin. Orders go over HTTP from this process, so its processor time is told apart. Every run ends with a check \
            that nothing was lost.

            Examples:
              sagabench throughput --transport direct --transport kafka --floor --save before.json
              sagabench throughput --compare before.json
              sagabench latency --rate 500 --seconds 30
              sagabench single

            Exit codes: 0 measured; 1 orders were lost or something else was not as it must be; 64 usage.
            """,
        version: Version.current,
        subcommands: [
            ThroughputCommand.self, LatencyCommand.self, SingleCommand.self, OverloadCommand.self, HistoryCommand.self, IdleCommand.self,
            StartCommand.self, RepublishCommand.self, FloorCommand.self, PeersCommand.self,
        ])
}
