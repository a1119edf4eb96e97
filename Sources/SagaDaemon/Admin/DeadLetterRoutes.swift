import Systemd
import AdminAPI
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import Saga
import SagaStore
import Store
import HTTPServer
import Wire

/// The records a daemon set aside: listed, shown, tried again, thrown away. Single ones by id, many by what they have in common.
struct DeadLetterRoutes<P: Participant>: Sendable {
    let handler: EventHandler<P>
    let context: ServiceContext

    private var database: Database { context.database }

    func add(to router: ServiceRouter) {
        router.on(.deadLetters, query: ["kind", "topic", "before", "limit", "cursor"]) { request, _ in try await list(request) }
        router.on(.deadLetter) { _, request in
            let id = try deadLetterID(in: request)
            guard let letter = try await database.read({ try $0.deadLetter(id) }) else { throw noDeadLetter(id) }
            return try Response.encoding(shown(letter))
        }
        router.on(.retryDeadLetter) { _, request in try await retry(try deadLetterID(in: request)) }
        router.on(.discardDeadLetter) { _, request in
            let id = try deadLetterID(in: request)
            _ = try result(of: try await database.writer.write { try handler.discard(id, in: $0) }, id, "discarded")
            return Response(status: .noContent)
        }
        router.on(.retryDeadLetters) { request, _ in
            let (matched, settled) = try await settle(request, "retried", first: [], decision: handler.retry)
            return try Response.encoding(
                DeadLettersRetried(matched: matched, retried: settled ?? 0, failed: settled.map { matched - $0 } ?? 0))
        }
        router.on(.discardDeadLetters) { request, _ in
            // The parked ones first: discarding the one they are behind would handle them.
            let (matched, settled) = try await settle(request, "discarded", first: [.parked], decision: handler.discard)
            return try Response.encoding(
                DeadLettersDiscarded(matched: matched, discarded: settled ?? 0, failed: settled.map { matched - $0 } ?? 0))
        }
    }

    // MARK: Showing

    private func list(_ request: Request) async throws -> Response {
        let limit = try request.pageLimit()
        let filter = try DeadLetterFilter(request)
        let letters = try await database.read { snapshot in
            let cursor = try request.pageCursor(exists: snapshot.knowsDeadLetter)
            return try snapshot.deadLetters(filter, after: cursor, limit: limit + 1)
        }
        let page = letters.prefix(limit)
        return try Response.encoding(
            DeadLetterList(
                deadLetters: page.map(shown), nextCursor: letters.count > limit ? page.last?.id.description : nil))
    }

    private func shown(_ letter: StoredDeadLetter) -> DeadLetter {
        var headers: [String: String] = [:]
        for header in letter.record.headers { headers[header.name] = header.value.map { String(decoding: $0, as: UTF8.self) } ?? "" }
        let isWhole = letter.record.value?.count ?? 0 == letter.valueSize
        return DeadLetter(
            id: letter.id.description, service: P.service, kind: letter.kind,
            parkedBehind: letter.parkedBehind?.description, topic: letter.record.topic, partition: letter.record.partition,
            offset: letter.record.offset,
            key: letter.record.key.map { String(decoding: $0, as: UTF8.self) }, orderId: letter.orderID?.description, headers: headers,
            valueBase64: isWhole ? Data(letter.record.value ?? []).base64EncodedString() : nil, valueSize: letter.valueSize,
            reason: letter.reason, attempts: Int(letter.attempts), createdAt: letter.createdAt.description)
    }

    // MARK: Deciding

    private func retry(_ id: DeadLetterID) async throws -> Response {
        let settled = try result(of: try await database.writer.write { try handler.retry(id, in: $0) }, id, "retried")
        let released = settled.followers.count { $0.outcome != .deadLettered }
        return try Response.encoding(
            RetryResult(
                id: id.description, outcome: settled.event.flatMap { TraceStep.Outcome(rawValue: $0.outcome.rawValue) } ?? .ignored,
                released: released > 0 ? released : nil, heldBy: settled.heldBy?.description))
    }

    private typealias Settled = (event: HandledEvent?, followers: [HandledEvent], heldBy: DeadLetterID?)

    /// What an operator's decision about one led to, once it is durable; in the log, too.
    private func result(of settled: SettledDeadLetter, _ id: DeadLetterID, _ done: String) throws -> Settled {
        switch settled {
        case .unknown: throw noDeadLetter(id)
        case .parked(let holder): throw ProblemError(.conflict, "parked behind \(holder): retry or discard that one first")
        case .failed(let reason): throw ProblemError(.conflict, reason)
        case .settled(let event, let followers, let heldBy):
            context.log.record(.notice, "dead letter \(id) \(done)")
            let handled = [event].compactMap(\.self) + followers
            for event in handled { context.log.handled(event) }
            context.tracer?.handled(handled, from: context.clock(), to: context.clock())
            return (event, followers, heldBy)
        }
    }

    /// So many in a transaction that a commit is worth its while, and orders do not wait for it.
    private static var batch: Int { 32 }

    /// Decides about all that a request means; those that come up meanwhile are left for the next.
    ///
    /// - Parameter first: the kinds whose turn is before that of the others.
    /// - Returns: how many there were, and how many of them are gone now; nil when they were only to be counted.
    private func settle(
        _ request: Request, _ done: String, first: [DeadLetterKind],
        decision: @escaping @Sendable (DeadLetterID, Transaction) throws -> SettledDeadLetter
    ) async throws -> (matched: Int, settled: Int?) {
        let (filter, isDryRun) = try await request.jsonObject { object throws(JSONError) in try DeadLetterFilter.read(object) }
        let matching = try await matching(filter)
        guard !isDryRun else { return (matching.count, nil) }
        let inOrder = matching.filter { first.contains($0.kind) } + matching.filter { !first.contains($0.kind) }
        var settled = 0
        for start in stride(from: 0, to: inOrder.count, by: Self.batch) {
            // Whoever asked for it has gone, or the service stops: the rest is as it was.
            try Task.checkCancellation()
            let ids = inOrder[start..<min(start + Self.batch, inOrder.count)].map(\.id)
            let results = try await database.writer.write(isBounded: true) { transaction in
                try ids.map { try decision($0, transaction) }
            }
            for (id, outcome) in zip(ids, results) {
                switch outcome {
                case .failed, .parked: break
                // Handled with the one it was parked behind.
                case .unknown: settled += 1
                case .settled:
                    settled += 1
                    _ = try result(of: outcome, id, done)
                }
            }
        }
        return (matching.count, settled)
    }

    private func matching(_ filter: DeadLetterFilter) async throws -> [(id: DeadLetterID, kind: DeadLetterKind)] {
        var all: [(id: DeadLetterID, kind: DeadLetterKind)] = []
        while true {
            let last = all.last?.id
            let page = try await database.read { try $0.deadLetters(filter, after: last, limit: 500) }
            all += page.map { ($0.id, $0.kind) }
            if page.count < 500 { return all }
        }
    }

    private func deadLetterID(in request: ServiceRequestContext) throws -> DeadLetterID {
        let text = request.parameters.get("id") ?? ""
        guard let id = DeadLetterID(text) else { throw ProblemError(.notFound, "there is no dead letter \(text.prefix(64))") }
        return id
    }

    private func noDeadLetter(_ id: DeadLetterID) -> ProblemError {
        ProblemError(.notFound, "there is no dead letter \(id)")
    }
}

extension DeadLetterFilter {
    /// As the query of a list has it.
    fileprivate init(_ request: Request) throws(ProblemError) {
        let query = request.uri.queryParameters
        self.init()
        if let text = query["kind"] {
            guard let kind = DeadLetterKind(rawValue: String(text)) else {
                throw ProblemError(.badRequest, "kind must be one of \(DeadLetterKind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            self.kind = kind
        }
        topic = query["topic"].map(String.init)
        if let text = query["before"] {
            guard let micros = RFC3339.parse(String(text)) else { throw ProblemError(.badRequest, "before must be an RFC 3339 time") }
            before = Timestamp(microseconds: micros)
        }
    }

    /// As the body of a request has it that is about all of them.
    fileprivate static func read(_ object: JSONObject) throws(JSONError) -> (filter: DeadLetterFilter, isDryRun: Bool) {
        var filter = DeadLetterFilter()
        if object["kind"] != nil { filter.kind = try object.value("kind", of: DeadLetterKind.self) }
        if object["topic"] != nil { filter.topic = try object.string("topic") }
        if object["before"] != nil {
            guard let micros = RFC3339.parse(try object.string("before")) else { throw JSONError("before must be an RFC 3339 time") }
            filter.before = Timestamp(microseconds: micros)
        }
        let isDryRun = object["dryRun"] != nil ? try object.bool("dryRun") : false
        try object.requireOnly("kind", "topic", "before", "dryRun")
        return (filter, isDryRun)
    }
}
