import Console
import struct Saga.ServiceName
import AdminAPI

extension AdminClient {
    /// All of them, a page at a time: there may be more than fit into memory.
    func eachPageOfDeadLetters(_ selection: DeadLetterSelection = .init(), _ use: ([DeadLetter]) throws -> Void) async throws {
        var cursor: String?
        repeat {
            let page = try await deadLetters(selection, limit: 100, cursor: cursor)
            try use(page.deadLetters)
            cursor = page.nextCursor
        } while cursor != nil
    }
}

extension Suite {
    /// Finds a dead letter by id, which is unique across daemons.
    ///
    /// As long as a daemon cannot be asked, or answers with something else than yes or no, a dead letter that nobody else has is not
    /// known to be unknown.
    func deadLetter(_ id: String) async throws -> DeadLetter {
        let answers = await ask { client throws(AdminError) in try await client.deadLetter(id) }
        if let letter = answers.lazy.compactMap(\.value).first { return letter }
        let lines = answers.compactMap { answer -> (error: AdminError, line: Failure.Line)? in
            guard let error = answer.error, error.problemStatus != 404 else { return nil }
            let line = Failure.Line(error)
            return (error, error.isProblem ? .init(message: "\(answer.service.rawValue): \(line.message)", advice: nil) : line)
        }
        guard lines.isEmpty else {
            throw Failure(lines.map(\.error).first(where: \.isNotAllowed).map { ExitStatus($0) } ?? .unavailable, lines.map(\.line))
        }
        throw Failure(.notSo, "no daemon has dead letter \(id)", advice: "sagactl dead-letters list shows all")
    }
}
