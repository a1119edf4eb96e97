import AdminAPI
import ArgumentParser
import Wire

/// `sagactl dead-letters list`: what is there, as far as it can be asked for.
struct DeadLettersListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the dead letters of all daemons.",
        discussion: "A daemon that cannot be reached is named on standard error, and the others' are listed; exit code 69 if none answers.")

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answers = try await options.suite().ask { client throws(AdminError) in try await client.deadLetters() }
        let errors = answers.compactMap(\.error)
        if errors.count == answers.count { throw Failure(unavailable: errors) }
        for error in errors { Output.error(error.description) }
        let letters = answers.flatMap { $0.value ?? [] }
        if output.json {
            try Output.json(DeadLetterList(deadLetters: letters))
        } else {
            try Output.write(DeadLetterView.table(letters, .current))
        }
    }
}
