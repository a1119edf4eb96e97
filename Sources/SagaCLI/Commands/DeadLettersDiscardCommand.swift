import enum Saga.ServiceName
import AdminAPI
import ArgumentParser
import Glibc

/// `sagactl dead-letters discard`: the only command that destroys something, so it asks.
struct DeadLettersDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Throw a dead letter away for good.",
        discussion: "Asks first, unless --yes is given.")

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
        let question = "Discard dead letter \(id) of \(letter.service.rawValue) (\(letter.reason.printable)) for good? [y/N] "
        guard yes || confirmed(question) else { throw Failure(.notSo, "not discarded") }
        try await suite[letter.service].discardDeadLetter(id)
        if output.json {
            try Output.json(DeadLetterResult(id: id, service: letter.service, outcome: "discarded"))
        } else {
            Output.line("\(letter.service.rawValue): discarded")
        }
    }

    /// Asks on standard error, so that standard output stays what was asked for.
    private func confirmed(_ question: String) -> Bool {
        Output.prompt(question)
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}
