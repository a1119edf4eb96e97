import enum Saga.ServiceName
import AdminAPI
import ArgumentParser

/// The group of `sagactl dead-letters`; without a subcommand it lists.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "List, show, retry and discard the records no daemon could make sense of.",
        subcommands: [
            DeadLettersListCommand.self, DeadLettersShowCommand.self, DeadLettersRetryCommand.self, DeadLettersDiscardCommand.self,
        ],
        defaultSubcommand: DeadLettersListCommand.self)
}

extension Suite {
    /// Finds a dead letter by id, which is unique across daemons.
    ///
    /// As long as a daemon cannot be asked, a dead letter that nobody else has is not known to be unknown.
    func deadLetter(_ id: String) async throws -> DeadLetter {
        let answers = await ask { client throws(AdminError) in try await client.deadLetter(id) }
        if let letter = answers.lazy.compactMap(\.value).first { return letter }
        let errors = answers.compactMap(\.error).filter { !$0.isProblem }
        guard errors.isEmpty else { throw Failure(unavailable: errors) }
        throw Failure(.notSo, "no daemon has dead letter \(id); sagactl dead-letters list shows all")
    }
}

/// What became of a dead letter, as JSON.
struct DeadLetterResult: Encodable {
    let id: String
    let service: ServiceName
    let outcome: String
}
