import enum Saga.DeadLetterKind
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

    @Flag(help: "All there are; those parked behind another one come after it by themselves.")
    var all = false

    @Option(help: "With --all: only those of this service.")
    var service: ServiceName?

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard ids.isEmpty == all else { throw ValidationError("give either the ids of dead letters or --all") }
        guard service == nil || all else { throw ValidationError("--service goes with --all") }
    }

    func run() async throws {
        let suite = try options.suite()
        var results: [DeadLetterResult] = []
        for letter in try await letters(of: suite) {
            let result = try await retry(letter, suite)
            results.append(result)
            if !output.json, result.reason == nil { try Output.line(result.line) }
        }
        if output.json {
            if ids.count == 1, let result = results.first { try Output.json(result) }
            if ids.count != 1 { try Output.json(DeadLetterResults(retried: results)) }
        } else if all, results.isEmpty {
            try Output.line("no dead letters")
        }
        let failures = results.compactMap(failure)
        if !failures.isEmpty { throw Failure(.notSo, failures.joined(separator: "\nsagactl: ")) }
    }

    /// Without those parked behind another one of them, which are handled with it.
    private func letters(of suite: Suite) async throws -> [DeadLetter] {
        var letters: [DeadLetter] = []
        if all {
            let services = service.map { [$0] } ?? ServiceName.allCases
            let answers = await suite.ask(services) { client throws(AdminError) in try await client.deadLetters() }
            let errors = answers.compactMap(\.error)
            guard errors.isEmpty else { throw Failure(unavailable: errors) }
            letters = answers.flatMap { $0.value ?? [] }
        } else {
            for id in ids { letters.append(try await suite.deadLetter(id)) }
        }
        let chosen = Set(letters.map(\.id))
        return letters.filter { letter in letter.parkedBehind.map { !chosen.contains($0) } ?? true }
    }

    private func retry(_ letter: DeadLetter, _ suite: Suite) async throws(AdminError) -> DeadLetterResult {
        do {
            return DeadLetterResult(try await suite[letter.service].retryDeadLetter(letter.id), letter.service)
        } catch {
            guard error.problemStatus == 409 else { throw error }
            return DeadLetterResult(letter, refused: error)
        }
    }

    private func failure(_ result: DeadLetterResult) -> String? {
        result.reason.map { reason in
            let name = ids.count == 1 ? "" : " \(result.id)"
            let what = result.outcome == "failed" ? "it failed again" : "not tried"
            return "\(result.service.rawValue)\(name): \(what): \(reason.printable)"
        }
    }
}
