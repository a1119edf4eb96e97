import ArgumentParser
import Saga

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Whether orders of the past make new ones dearer.",
        discussion: """
            Runs the same load on a new suite and on one whose databases hold many finished orders of the last seven days. A million \
            orders take about 30 seconds to write and 2 GiB of disk. Transport direct.
            """)

    @OptionGroup var suite: OwnSuiteOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var output: ReportOptions

    @Option(help: "How many finished orders.")
    var orders = 1_000_000

    @Option(help: "How long each of the two loads takes, in seconds.")
    var seconds = 60

    @Option(help: "How many clients.")
    var clients = 128

    func run() async throws {
        try await output.report("history") { [self] report in
            for orders in [0, orders] {
                report = try await OwnSuite.with(suite, transport: .direct) { [report] suite in
                    var report = report
                    let start = try await suite.startWithHistory(orders)
                    let measurement = try await load.measurement(of: suite.benched, sampling: 50)
                    let phase = try await measurement.run("\(orders) in history", .closed(clients: clients), for: .seconds(seconds))
                    report.starts.append(StartPhase(name: "\(orders) in history", ready: start))
                    report.phases.append(phase)
                    report.reconciliation += try await suite.stopAndReconcile()
                    return report
                }
            }
        }
    }
}

extension OwnSuite {
    /// Starts a new suite; if it is to have a past, once to make its databases, and again when that is written.
    func startWithHistory(_ orders: Int) async throws -> [ServiceName: Duration] {
        let ready = try await start()
        guard orders > 0 else { return ready }
        try await stop()
        try await History(orders: orders, directory: directory).write()
        return try await start()
    }
}
