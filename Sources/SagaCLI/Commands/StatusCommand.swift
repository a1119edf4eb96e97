import Console
import AdminAPI
import ArgumentParser
import Wire

/// `sagactl status`: always answers, a daemon that does not is part of the answer.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how each daemon is: state, version, outbox, lag, dead letters, orders by status.",
        discussion: "Exit codes: 0 all are ready, 1 one is degraded or stopping, 2 one is down, 77 you may not ask.")

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answers = await options.suite(timeout: .seconds(5)).ask { client throws(AdminError) in try await client.status() }
        let report = try StatusReport(answers)
        if output.json {
            try Output.json(report)
        } else {
            try Output.write(report.render(.current))
        }
        Output.errors(answers.compactMap(\.error))
        if report.exitStatus != .done { throw ExitCode(report.exitStatus.rawValue) }
    }
}
