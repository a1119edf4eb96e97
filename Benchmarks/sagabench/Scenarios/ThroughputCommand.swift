import ArgumentParser

struct ThroughputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput", abstract: "How many orders a second, from POST to final.",
        discussion: "A closed loop: each client sends its next order as soon as the last was accepted. With --rate an open loop.")

    @OptionGroup var suite: SuiteOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var output: ReportOptions

    @Option(help: "How long, in seconds.")
    var seconds = 60

    @Option(help: "How many clients; with --rate, how many connections.")
    var clients = 128

    @Option(help: "Orders a second, whatever the suite does.")
    var rate: Double?

    func run() async throws {
        try await output.report("throughput") { [self] report in
            try await suite.forEach(&report) { suite, report in
                let pattern = rate.map { LoadPattern.open(rate: $0, connections: clients) } ?? .closed(clients: clients)
                let measurement = try await load.measurement(of: suite, sampling: 50)
                report.phases.append(try await measurement.run(suite.transport, pattern, for: .seconds(seconds)))
            }
        }
    }
}
