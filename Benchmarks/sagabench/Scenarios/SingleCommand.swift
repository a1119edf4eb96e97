import ArgumentParser

struct SingleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "single", abstract: "How long one order takes on an idle suite.",
        discussion: """
            The next order is sent when the last is final, and after a pause. Before and after, the time of a sync of the same disk is \
            measured, as a measure of what is the suite's own.
            """)

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
                let before = try await sync()
                let phase = try await measurement.run(suite.transport, pattern, for: .seconds(seconds))
                let after = try await sync()
                report.phases.append(phase)
                let figures = SingleFigures(
                    transport: suite.transport, sync: ((before + after) / 2).rounded(to: 3), final: phase.postToFinal.p50)
                report.singles = (report.singles ?? []) + [figures]
            }
        }
    }

    /// The median, in milliseconds. On the file system of temporary directories, where a suite's databases are too.
    private func sync() async throws -> Double {
        let pause = Duration.milliseconds(pause)
        return try await BlockingWork.run {
            let directory = try SuiteDirectory()
            defer { directory.remove() }
            return try DiskSync.measure(in: directory.path, times: 100, pause: pause).percentile(0.5).milliseconds
        }
    }
}
