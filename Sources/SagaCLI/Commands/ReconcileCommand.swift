import Console
import ArgumentParser
import Wire

/// `sagactl reconcile`: reads only; the work is `Reconciliation`'s.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Check stock and money against the outcomes of the orders.",
        discussion: """
            Reads all orders, reservations and payments and compares them; names orders that are stuck, too. What is only under way is \
            asked again before it is reported: this may take some 10 s more. Exit code 0 if nothing is off, 1 if something is, 69 if \
            one of the three daemons could not be reached.
            """)

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let suite = options.suite()
        let report = try await Progress.showing("comparing") { try await Reconciliation(suite: suite).run() }
        if output.json {
            try Output.json(report)
        } else {
            try Output.write(report.render(.current))
        }
        for product in report.unsettled {
            Output.error("product \(product): its stock kept changing and could not be compared; try again when fewer orders come in")
        }
        if !report.problems.isEmpty { throw ExitCode(ExitStatus.notSo.rawValue) }
    }
}
