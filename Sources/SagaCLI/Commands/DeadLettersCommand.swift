import Console
import struct Saga.ServiceName
import AdminAPI
import ArgumentParser

/// The group of `sagactl dead-letters`; without a subcommand it lists.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "List, show, retry and discard the records the daemons could not handle.",
        discussion: """
            A record that cannot be read is set aside and holds up nothing. An event whose handling failed is set aside, too, and the \
            later events of its order are parked behind it; other orders flow. When it is retried with success, or discarded, those \
            parked behind it are handled in order. A database or a broker that is away never makes a dead letter.
            """,
        subcommands: [
            DeadLettersListCommand.self, DeadLettersShowCommand.self, DeadLettersRetryCommand.self, DeadLettersDiscardCommand.self,
        ],
        defaultSubcommand: DeadLettersListCommand.self)
}

/// What became of a dead letter, as JSON and for people.
struct DeadLetterResult: Encodable {
    let id: String
    let service: ServiceName
    let outcome: String
    /// Why it was not handled.
    var reason: String?
    var released: Int?
    var heldBy: String?

    init(discarded letter: DeadLetter) {
        (id, service, outcome) = (letter.id, letter.service, "discarded")
    }

    /// The daemon refused: it failed again, or is parked and was not tried.
    init(_ letter: DeadLetter, refused error: AdminError) {
        (id, service, outcome) = (letter.id, letter.service, letter.kind == .parked ? "not-tried" : "failed")
        reason = error.description
    }

    init(_ result: RetryResult, _ service: ServiceName) {
        (id, self.service, outcome) = (result.id, service, result.outcome.rawValue)
        (released, heldBy) = (result.released, result.heldBy)
    }

    var line: String {
        var line = "\(service.rawValue): \(outcome)"
        if let released { line += ", and \(released) parked behind it" }
        if let heldBy { line += "; the next one failed: \(heldBy.printable)" }
        return line
    }
}

/// What became of several, as JSON.
struct DeadLetterResults: Encodable {
    let retried: [DeadLetterResult]
}
