import ArgumentParser
import Console
import Wire

/// `sagactl reconcile`: the comparing is `Reconciliation`'s, the mending `Repair`'s.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Check stock and money against the outcomes of the orders, and mend what is off.",
        discussion: """
            Reads all orders, reservations and payments and compares them; names orders that are stuck, too. What is only under way is \
            asked again before it is reported: this may take some 10 s more. Exit code 0 if nothing is off, 1 if something is, 69 if \
            one of the three daemons could not be reached.

            With --repair what was found is mended by the daemons themselves, while orders flow; it asks first, unless --yes is given, and \
            can be done twice. What to do with each finding is in sagad(7).
            """)

    @Flag(help: "Mend what is off.")
    var repair = false

    @Flag(help: "With --repair: only say what is off.")
    var dryRun = false

    @Option(
        help: .init("With --repair: only this order.", valueName: "id"), completion: Completion.orders, transform: Arguments.identifier)
    var order: String?

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard repair || !dryRun && order == nil && !confirmation.yes else {
            throw ValidationError("--dry-run, --order and --yes go with --repair")
        }
        if repair, !dryRun { try confirmation.require("repair") }
    }

    func run() async throws {
        let suite = options.suite()
        let compared = Progress.Counter()
        var report = try await Progress.showing("comparing orders", compared) {
            try await Reconciliation(suite: suite, compared: compared).run()
        }
        if let order { report.problems.removeAll { $0.orderId != order } }
        if repair, !dryRun, !report.problems.isEmpty {
            try confirmation.ask("Repair \(Quantity.count(report.problems.count, "problem"))?", refused: "not repaired")
            let repair = Repair(suite: suite)
            // Orders first: what becomes of their reservations counts in the stock of their products.
            report.problems = report.problems.filter { $0.productId == nil } + report.problems.filter { $0.productId != nil }
            let (problems, done) = (report.problems, Progress.Counter())
            report.problems = try await Progress.showing("repairing", done) {
                var mended = problems
                for index in problems.indices {
                    mended[index].repaired = try await repair.mend(problems[index])
                    done.add(1)
                }
                return mended
            }
        }
        if output.json {
            try Output.json(report)
        } else {
            try Output.write(report.render(.current))
        }
        for product in report.unsettled {
            Output.error("product \(product): its stock kept changing and could not be compared; try again when fewer orders come in")
        }
        if let reason = report.notCompared { Output.error("the payments were not compared with the gateway: \(reason)") }
        if !report.left.isEmpty { throw ExitCode(ExitStatus.notSo.rawValue) }
    }
}
