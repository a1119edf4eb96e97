import Console
import ArgumentParser
import Wire

/// `sagactl dead-letters show`: everything that is known of one record.
struct DeadLettersShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a dead letter with its headers and the raw record.",
        discussion: "The record is shown as text if it is text, else as a hex dump.")

    @Argument(help: .init("The dead letter.", valueName: "id"), completion: Completion.deadLetters, transform: Arguments.identifier)
    var id: String

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let letter = try await options.suite().deadLetter(id)
        if output.json {
            try Output.json(letter)
        } else {
            try Output.write(DeadLetterView.details(letter, .current))
        }
    }
}
