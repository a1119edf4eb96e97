import ArgumentParser

struct IdleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "What an idle suite costs: processor time and wake-ups.")

    @OptionGroup var suite: SuiteOptions
    @OptionGroup var output: ReportOptions

    @Option(help: "How long, in seconds.")
    var seconds = 60

    @Option(help: "How long the suite is left alone before, in seconds.")
    var settle = 5

    func run() async throws {
        try await output.report("idle") { [self] report in
            // With the daemons' own properties: there is nothing to hurry for, and being woken is what is measured.
            try await suite.forEach(&report, hurriesMock: false) { suite, report in
                try await Task.sleep(for: .seconds(settle))
                let begin = ContinuousClock.now
                let before = SuiteSnapshot.usage(of: suite)
                Progress.say("\(suite.transport): idle for \(seconds) s")
                try await Task.sleep(for: .seconds(seconds))
                let after = SuiteSnapshot.usage(of: suite)
                report.idle.append(IdlePhase(suite, before, after, seconds: (ContinuousClock.now - begin) / .seconds(1)))
            }
        }
    }
}

/// What a suite used while nobody asked it for anything.
struct IdlePhase: Codable, Sendable {
    struct Cost: Codable, Sendable {
        var name: String
        var cpuPercent: Double
        var wakeUpsPerSecond: Double
        var residentMiB: Double
    }

    var name: String
    var seconds: Double
    var processes: [Cost]

    init(_ suite: BenchedSuite, _ before: [String: ProcessUsage], _ after: [String: ProcessUsage], seconds: Double) {
        name = suite.transport
        self.seconds = seconds.rounded(to: 1)
        processes = suite.processes.compactMap { process in
            guard let then = before[process.name], let now = after[process.name] else { return nil }
            return Cost(
                name: process.name, cpuPercent: ((now.cpuSeconds - then.cpuSeconds) / seconds * 100).rounded(to: 2),
                wakeUpsPerSecond: (Double(ProcessUsage.wakeUps(from: then.wakeUps, to: now.wakeUps)) / seconds).rounded(to: 2),
                residentMiB: (Double(now.residentKiB) / 1024).rounded(to: 1))
        }
    }
}
