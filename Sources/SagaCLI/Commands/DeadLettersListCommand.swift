import Console
import AdminAPI
import ArgumentParser
import Wire

/// `sagactl dead-letters list`: what is there, as far as it can be asked for.
struct DeadLettersListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the dead letters of all daemons.",
        discussion: """
            A daemon that cannot be reached is named on standard error, and the others' are listed; exit code 69 if none answers. A \
            record of more than 4 KiB is not in the list: sagactl dead-letters show ID.
            """)

    @OptionGroup var filter: DeadLetterSelectionOptions
    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let suite = options.suite()
        var listing = output.json ? DeadLetterListing.json() : .table([])
        var errors: [AdminError] = []
        for service in filter.services {
            do {
                try await suite[service].eachPageOfDeadLetters(filter.selection()) { try listing.add($0) }
            } catch let error as AdminError {
                errors.append(error)
            }
        }
        if errors.count == filter.services.count { throw Failure(errors: errors) }
        Output.errors(errors)
        try listing.end()
    }
}

/// A list that grows page by page: as JSON it is written as it comes, a table has to know how wide it will be.
private enum DeadLetterListing {
    case json(isEmpty: Bool = true)
    case table([DeadLetter])

    mutating func add(_ page: [DeadLetter]) throws {
        switch self {
        case .json(var isEmpty):
            for letter in page {
                try Output.write((isEmpty ? #"{"deadLetters":["# : ",") + Output.text(of: letter))
                isEmpty = false
            }
            self = .json(isEmpty: isEmpty)
        case .table(let letters):
            self = .table(letters + page.map(\.withoutRecord))
        }
    }

    func end() throws {
        switch self {
        case .json(let isEmpty): try Output.line(isEmpty ? #"{"deadLetters":[]}"# : "]}")
        case .table(let letters): try Output.write(DeadLetterView.table(letters, .current))
        }
    }
}

extension DeadLetter {
    fileprivate var withoutRecord: DeadLetter {
        DeadLetter(
            id: id, service: service, kind: kind, parkedBehind: parkedBehind, topic: topic, partition: partition, offset: offset,
            orderId: orderId, valueBase64: nil, valueSize: valueSize, reason: reason, attempts: attempts, createdAt: createdAt)
    }
}
