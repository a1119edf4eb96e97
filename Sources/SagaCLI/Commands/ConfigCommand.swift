import struct Saga.ServiceName
import AdminAPI
import Console
import ArgumentParser

/// `sagactl config`: what the running daemons work by, which a file alone cannot tell.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the configuration the daemons run with: each value, where it is from, and what has changed since.",
        discussion: """
            The source is default, a file and its line, or an environment variable. Where the file says something else by now, that is \
            shown, too, and whether it takes a restart or a reload (systemctl reload). Secrets are hidden.
            """)

    @Option(help: .init("Only this service: order, inventory or payment.", valueName: "service"))
    var service: ServiceName?

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let services = service.map { [$0] } ?? ServiceName.allCases
        let answers = await options.suite().ask(services) { client throws(AdminError) in try await client.configurationKeys() }
        let errors = answers.compactMap(\.error)
        let report = ConfigurationReport(services: answers.compactMap(\.value))
        if report.services.isEmpty { throw Failure(errors: errors) }
        if output.json {
            try Output.json(report)
        } else {
            try Output.write(report.render(.current))
        }
        for problem in Set(report.services.flatMap { $0.problems ?? [] }).sorted() {
            Output.error("a restart would fail: \(problem)")
        }
        if !errors.isEmpty { throw Failure(errors: errors) }
    }
}
