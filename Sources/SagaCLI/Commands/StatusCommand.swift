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
        let inspection = Inspection(configuration: options.configuration)
        let report = try StatusReport(answers, inspect: inspection.status)
        if output.json {
            try Output.json(report)
        } else {
            try Output.write(report.render(.current))
        }
        // What was found out from outside says more than that nobody answered.
        let lines = answers.compactMap { answer in
            answer.error.map { error in
                let status = report.services.first { $0.service == answer.service }
                return Failure.Line(message: error.message, advice: status?.advice ?? error.advice)
            }
        }
        for line in Failure(.down, lines).lines { Output.error(line.text) }
        if report.exitStatus != .done { throw ExitCode(report.exitStatus.rawValue) }
    }
}
