import Console
import struct Saga.ServiceName
import AdminAPI
import ArgumentParser
import Wire

/// `sagactl dead-letters retry`: safe to repeat, a retry goes through the inbox like any delivery.
struct DeadLettersRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Let the daemons try dead letters again.",
        discussion: """
            When the event was handled, those parked behind it are handled too, in order. Exit code 1, with the reason, if one failed \
            again; it stays then. Nothing is tried again by itself: an upgrade or a repair that removes the cause is followed by \
            sagactl dead-letters retry --all.
            """)

    @Argument(
        help: .init("The dead letters.", valueName: "id"), completion: Completion.deadLetters, transform: Arguments.identifier)
    var ids: [String] = []

    @Flag(help: "All there are, or those of them that the options below name; those parked behind another one come after it.")
    var all = false

    @Flag(help: "With --all: only say how many there are.")
    var dryRun = false

    @OptionGroup var filter: DeadLetterSelectionOptions
    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard ids.isEmpty == all else { throw ValidationError("give either the ids of dead letters or --all") }
        guard all || filter.isEmpty && !dryRun else {
            throw ValidationError("--kind, --topic, --before, --service and --dry-run go with --all")
        }
    }

    func run() async throws {
        let suite = options.suite()
        if all { try await retryAll(suite) } else { try await retryChosen(suite) }
    }

    private func retryChosen(_ suite: Suite) async throws {
        var results: [DeadLetterResult] = []
        for letter in try await chosen(suite) {
            let result = try await retry(letter, suite)
            results.append(result)
            if !output.json, result.reason == nil { try Output.line(result.line) }
        }
        if output.json {
            if ids.count == 1, let result = results.first { try Output.json(result) }
            if ids.count != 1 { try Output.json(DeadLetterResults(retried: results)) }
        }
        let failures = results.compactMap(failure)
        if !failures.isEmpty { throw Failure(.notSo, failures) }
    }

    /// Without those parked behind another one of them, which are handled with it.
    private func chosen(_ suite: Suite) async throws -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for id in ids { letters.append(try await suite.deadLetter(id)) }
        let chosen = Set(letters.map(\.id))
        return letters.filter { letter in !(letter.parkedBehind.map(chosen.contains) ?? false) }
    }

    /// Each daemon by itself; what one cannot do keeps the others from nothing.
    private func retryAll(_ suite: Suite) async throws {
        let selection = filter.selection(dryRun: dryRun ? true : nil)
        let answers = await Progress.showing("trying dead letters again") {
            await suite.ask(filter.services) { client throws(AdminError) in try await client.retryDeadLetters(selection) }
        }
        let sum = answers.compactMap(\.value).reduce(DeadLettersRetried(matched: 0, retried: 0, failed: 0)) {
            DeadLettersRetried(matched: $0.matched + $1.matched, retried: $0.retried + $1.retried, failed: $0.failed + $1.failed)
        }
        let errors = answers.compactMap(\.error)
        if errors.count < answers.count {
            if output.json {
                try Output.json(sum)
            } else {
                try Output.line(
                    sum.matched == 0
                        ? "no dead letters"
                        : dryRun ? "\(sum.matched) would be tried again" : "\(sum.retried) of \(sum.matched) are handled")
            }
        }
        if !errors.isEmpty { throw Failure(errors: errors) }
        if sum.failed > 0 {
            throw Failure(.notSo, "\(sum.failed) could not be handled and stay", advice: "sagactl dead-letters list has the reasons")
        }
    }

    /// Untyped, as the optimizer of Swift 6.3 fails on a typed error that is caught and thrown on in a loop.
    private func retry(_ letter: DeadLetter, _ suite: Suite) async throws -> DeadLetterResult {
        do {
            return DeadLetterResult(try await suite[letter.service].retryDeadLetter(letter.id), letter.service)
        } catch {
            guard error.problemStatus == 409 else { throw error }
            return DeadLetterResult(letter, refused: error)
        }
    }

    private func failure(_ result: DeadLetterResult) -> Failure.Line? {
        result.reason.map { reason in
            let name = ids.count == 1 ? "" : " \(result.id)"
            let what = result.outcome == "failed" ? "it failed again" : "not tried"
            return Failure.Line(message: "\(result.service.rawValue)\(name): \(what): \(reason)")
        }
    }
}
