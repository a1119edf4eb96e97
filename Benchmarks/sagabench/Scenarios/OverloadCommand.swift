import ArgumentParser

struct OverloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overload", abstract: "What becomes of the rest when twice as many orders come as there can be.",
        discussion: """
            First finds the capacity with a closed loop, then sends a multiple of it in an open loop. Goodput should stay near the \
            capacity, and the rest be refused quickly (503, 429).
            """)

    @OptionGroup var suite: SuiteOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var output: ReportOptions

    @Option(help: "How long each half takes, in seconds.")
    var seconds = 20

    @Option(help: "So many times the capacity that was found.")
    var factor = 2.0

    @Option(help: "Over how many connections: so many orders wait for their answer at most, and too few of them are no overload.")
    var connections = 2048

    func run() async throws {
        try await output.report("overload") { [self] report in
            try await suite.forEach(&report) { suite, report in
                let measurement = try await load.measurement(of: suite, sampling: 50)
                let name = suite.transport
                let capacity = try await measurement.run("\(name) capacity", .closed(clients: 128), for: .seconds(seconds))
                let overload = try await measurement.run(
                    "\(name) overload", .open(rate: capacity.finishedPerSecond * factor, connections: connections), for: .seconds(seconds))
                report.phases += [capacity, overload]
            }
        }
    }
}
