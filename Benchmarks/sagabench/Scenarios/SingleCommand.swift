import ArgumentParser

struct SingleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "single", abstract: "How long one order takes on an idle suite.",
        discussion: "The next order is sent when the last is final, and after a pause.")

    @OptionGroup var suite: SuiteOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var output: ReportOptions

    @Option(help: "How long, in seconds.")
    var seconds = 10

    @Option(help: "The pause between two orders, in milliseconds.")
    var pause = 20

    func run() async throws {
        try await output.report("single") { [self] report in
            try await suite.forEach(&report) { suite, report in
                var load = load
                load.sample = 1
                let measurement = try await load.measurement(of: suite, sampling: 1)
                let pattern = LoadPattern.single(pause: .milliseconds(pause))
                report.phases.append(try await measurement.run(suite.transport, pattern, for: .seconds(seconds)))
            }
        }
    }
}
