import enum Saga.ServiceName
import AdminAPI
import ArgumentParser

/// `sagactl dead-letters retry`: safe to repeat, a retry goes through the inbox like any delivery.
struct DeadLettersRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Let the daemon try a dead letter again.",
        discussion: "Exit code 1, with the reason, if it failed again; the dead letter stays.")

    @Argument(help: .init("The dead letter.", valueName: "id"), completion: Completion.deadLetters, transform: Arguments.identifier)
    var id: String

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let suite = try options.suite()
        let letter = try await suite.deadLetter(id)
        let outcome: String
        do throws(AdminError) {
            let result = try await suite[letter.service].retryDeadLetter(id)
            outcome = result.outcome.rawValue
        } catch {
            guard error.problemStatus == 409 else { throw error }
            throw Failure(.notSo, "\(letter.service.rawValue): it failed again: \(error.description.printable)")
        }
        if output.json {
            try Output.json(DeadLetterResult(id: id, service: letter.service, outcome: outcome))
        } else {
            Output.line("\(letter.service.rawValue): \(outcome)")
        }
    }
}
