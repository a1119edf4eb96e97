import struct Saga.ServiceName
import AdminAPI
import ArgumentParser
import Glibc
import Wire

/// `sagactl dead-letters discard`: the only command that destroys something, so it asks.
struct DeadLettersDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Throw a dead letter away for good.",
        discussion: """
            Asks first, unless --yes is given. The event is skipped; those of its order that are parked behind it are handled, as if it \
            had never come. Whether stock and money are right then is shown by sagactl reconcile.
            """)

    @Argument(help: .init("The dead letter.", valueName: "id"), completion: Completion.deadLetters, transform: Arguments.identifier)
    var id: String

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard yes || isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("there is no terminal to ask on whether to discard \(id): give --yes")
        }
    }

    func run() async throws {
        let suite = try options.suite()
        let letter = try await suite.deadLetter(id)
        let question =
            "Discard dead letter \(id) of \(letter.service.rawValue) (\(letter.reason.printable)) for good\(rest(letter))? [y/N] "
        guard yes || confirmed(question) else { throw Failure(.notSo, "not discarded") }
        try await suite[letter.service].discardDeadLetter(id)
        let result = DeadLetterResult(discarded: letter)
        if output.json {
            try Output.json(result)
        } else {
            try Output.line(result.line)
        }
    }

    private func rest(_ letter: DeadLetter) -> String {
        letter.kind == .handlerFailed ? ", and handle what is parked behind it" : ""
    }

    /// Asks on standard error, so that standard output stays what was asked for.
    private func confirmed(_ question: String) -> Bool {
        Output.prompt(question)
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}
