import ArgumentParser

struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency", abstract: "How long an order takes at a constant rate of arrival.",
        discussion: "An open loop: latency counts from the moment an order was due, so a stall is seen by every order it held up.")

    @OptionGroup var suite: SuiteOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var output: ReportOptions

    @Option(help: "Orders a second.")
    var rate: Double = 500

    @Option(help: "How long, in seconds.")
    var seconds = 30

    @Option(help: "Over how many connections.")
    var connections = 64

    func run() async throws {
        try await output.report("latency") { [self] report in
            try await suite.forEach(&report) { suite, report in
                let measurement = try await load.measurement(of: suite, sampling: 5)
                let pattern = LoadPattern.open(rate: rate, connections: connections)
                report.phases.append(try await measurement.run(suite.transport, pattern, for: .seconds(seconds)))
            }
        }
    }
}
