import Console
import enum Saga.DeadLetterKind
import struct Saga.ServiceName
import AdminAPI
import ArgumentParser
import Wire

/// `sagactl dead-letters discard`: destroys something, so it asks.
struct DeadLettersDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Throw dead letters away for good.",
        discussion: """
            Asks first, unless --yes is given. The event is skipped; those of its order that are parked behind it are handled, as if it \
            had never come. With --all and without --kind those that are parked are thrown away, too. Whether stock and money are right \
            then is shown by sagactl reconcile.
            """)

    @Argument(help: .init("The dead letter.", valueName: "id"), completion: Completion.deadLetters, transform: Arguments.identifier)
    var id: String?

    @Flag(help: "All there are, or those of them that the options below name.")
    var all = false

    @Flag(help: "With --all: only say how many there are.")
    var dryRun = false

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var filter: DeadLetterSelectionOptions
    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (id == nil) == all else { throw ValidationError("give either the id of a dead letter or --all") }
        guard all || filter.isEmpty && !dryRun else {
            throw ValidationError("--kind, --topic, --before, --service and --dry-run go with --all")
        }
        if !dryRun { try confirmation.require("discard \(id ?? "them")") }
    }

    func run() async throws {
        let suite = options.suite()
        guard let id else { return try await discardAll(suite) }
        let letter = try await suite.deadLetter(id)
        try confirm("dead letter \(id) of \(letter.service.rawValue) (\(letter.reason.printable))", rest(letter))
        try await suite[letter.service].discardDeadLetter(id)
        let result = DeadLetterResult(discarded: letter)
        if output.json {
            try Output.json(result)
        } else {
            try Output.line(result.line)
        }
    }

    private func discardAll(_ suite: Suite) async throws {
        if !confirmation.yes, !dryRun {
            let (count, errors) = await discard(suite, filter.selection(dryRun: true))
            guard errors.isEmpty else { throw Failure(errors: errors) }
            if count.matched > 0 { try confirm(Quantity.count(count.matched, "dead letter")) }
        }
        let (sum, errors) = await discard(suite, filter.selection(dryRun: dryRun ? true : nil))
        if errors.count < filter.services.count {
            if output.json {
                try Output.json(sum)
            } else {
                try Output.line(
                    sum.matched == 0
                        ? "no dead letters"
                        : dryRun ? "\(sum.matched) would be discarded" : "\(sum.discarded) of \(sum.matched) are discarded")
            }
        }
        if !errors.isEmpty { throw Failure(errors: errors) }
        if sum.failed > 0 { throw Failure(.notSo, "\(sum.failed) could not be discarded") }
    }

    private func discard(_ suite: Suite, _ selection: DeadLetterSelection) async -> (DeadLettersDiscarded, [AdminError]) {
        let answers = await Progress.showing(selection.dryRun == true ? "counting dead letters" : "discarding dead letters") {
            await suite.ask(filter.services) { client throws(AdminError) in try await client.discardDeadLetters(selection) }
        }
        let sum = answers.compactMap(\.value).reduce(DeadLettersDiscarded(matched: 0, discarded: 0, failed: 0)) {
            DeadLettersDiscarded(matched: $0.matched + $1.matched, discarded: $0.discarded + $1.discarded, failed: $0.failed + $1.failed)
        }
        return (sum, answers.compactMap(\.error))
    }

    private func rest(_ letter: DeadLetter) -> String {
        letter.kind == .handlerFailed ? ", and handle what is parked behind it" : ""
    }

    private func confirm(_ what: String, _ rest: String = "") throws(Failure) {
        try confirmation.ask("Discard \(what) for good\(rest)?", refused: "not discarded")
    }
}
