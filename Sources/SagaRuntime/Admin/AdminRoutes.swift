import Systemd
import AdminAPI
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import Saga
import SagaConfiguration
import SagaStore
import Wire

/// What an operator can ask of any daemon, on its admin socket alone.
struct AdminRoutes<Service: SagaService>: Sendable {
    let status: DaemonStatus<Service>
    let handler: EventHandler<Service.Reactions>
    let context: ServiceContext
    let configuration: @Sendable () -> Configuration

    private var database: Database { context.database }

    func add(to router: ServiceRouter) {
        router.on(.status) { _, _ in try Response.encoding(try status.status()) }
        router.on(.metrics) { _, _ in
            let text = try status.metrics()
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: .init(string: text)))
        }
        router.on(.configuration) { _, _ in Response.json(Array(configuration().effective().json.utf8)) }
        router.on(.trace) { _, request in
            let text = request.parameters.get("orderId") ?? ""
            guard let id = OrderID(text), let trace = try OrderTimeline(service: status.service, database: database).trace(of: id) else {
                throw ProblemError(.notFound, "nothing is known of an order \(text.prefix(64))")
            }
            return try Response.encoding(trace)
        }
        router.on(.setLogLevel) { request, _ in
            let level = try await request.jsonObject { object throws(JSONError) in
                let level = try object.value("logLevel", of: LogLevel.self)
                try object.requireOnly("logLevel")
                return level
            }
            context.log.threshold.level = Logger.Level(level)
            context.log.record(.notice, "log level set to \(level)")
            return Response(status: .noContent)
        }
        router.on(.republish) { request, _ in try await republish(request) }

        router.on(.deadLetters) { _, _ in
            let letters = try database.read { try $0.deadLetters(limit: 1000) }
            return try Response.encoding(DeadLetterList(deadLetters: letters.map(shown)))
        }
        router.on(.deadLetter) { _, request in
            let id = try deadLetterID(in: request)
            guard let letter = try database.read({ try $0.deadLetter(id) }) else { throw noDeadLetter(id) }
            return try Response.encoding(shown(letter))
        }
        router.on(.retryDeadLetter) { _, request in try await retry(try deadLetterID(in: request)) }
        router.on(.discardDeadLetter) { _, request in
            let id = try deadLetterID(in: request)
            _ = try await settle(id, "discarded") { try handler.discard($0, in: $1) }
            return Response(status: .noContent)
        }
    }

    // MARK: Republishing

    private func republish(_ request: Request) async throws -> Response {
        let wanted = try await request.jsonObject { object throws(JSONError) in try Republication(object) }
        let queued =
            switch wanted {
            case .order(let id):
                try await database.writer.write { transaction in
                    let entries = try transaction.outbox(of: id).map(\.entry)
                    for entry in entries { try transaction.appendAgain(entry) }
                    return entries.count
                }
            case .since(let time): try await republish(since: time)
            }
        context.log.record(.notice, "\(queued) events queued to be published again", messageID: MessageID.republished)
        return try Response.encoding(RepublishResult(queued: queued))
    }

    /// A part at a time, so that orders do not wait for it.
    private func republish(since time: Timestamp) async throws -> Int {
        let end = try database.read { try $0.outboxBounds().last }
        var place: Int64 = 0
        var queued = 0
        while place < end {
            let from = place
            let (next, count) = try await database.writer.write(isBounded: true) { try $0.republish(after: from, upTo: end, since: time) }
            place = next
            queued += count
        }
        return queued
    }

    private enum Republication {
        case order(OrderID)
        case since(Timestamp)

        init(_ object: JSONObject) throws(JSONError) {
            if object["orderId"] != nil {
                self = .order(try object.id("orderId"))
                try object.requireOnly("orderId")
            } else {
                let text = try object.string("since")
                guard let micros = RFC3339.parse(text) else { throw JSONError("since must be an RFC 3339 time") }
                self = .since(Timestamp(microseconds: micros))
                try object.requireOnly("since")
            }
        }
    }

    // MARK: Dead letters

    private func retry(_ id: DeadLetterID) async throws -> Response {
        let settled = try await settle(id, "retried") { try handler.retry($0, in: $1) }
        let released = settled.followers.count { $0.outcome != .deadLettered }
        return try Response.encoding(
            RetryResult(
                id: id.description, outcome: settled.event.flatMap { TraceStep.Outcome(rawValue: $0.outcome.rawValue) } ?? .ignored,
                released: released > 0 ? released : nil, heldBy: settled.heldBy?.description))
    }

    /// Carries out what an operator decided, and logs it with what came of it.
    private func settle(
        _ id: DeadLetterID, _ done: String, _ decision: @escaping @Sendable (DeadLetterID, Transaction) throws -> SettledDeadLetter
    ) async throws -> (event: HandledEvent?, followers: [HandledEvent], heldBy: DeadLetterID?) {
        switch try await database.writer.write({ try decision(id, $0) }) {
        case .unknown: throw noDeadLetter(id)
        case .parked(let holder): throw ProblemError(.conflict, "parked behind \(holder): retry or discard that one first")
        case .failed(let reason): throw ProblemError(.conflict, reason)
        case .settled(let event, let followers, let heldBy):
            context.log.record(.notice, "dead letter \(id) \(done)")
            for event in [event].compactMap(\.self) + followers { context.log.handled(event) }
            return (event, followers, heldBy)
        }
    }

    private func shown(_ letter: StoredDeadLetter) -> DeadLetter {
        var headers: [String: String] = [:]
        for header in letter.record.headers { headers[header.name] = header.value.map { String(decoding: $0, as: UTF8.self) } ?? "" }
        return DeadLetter(
            id: letter.id.description, service: Service.Reactions.service, kind: letter.kind,
            parkedBehind: letter.parkedBehind?.description, topic: letter.record.topic, partition: letter.record.partition,
            offset: letter.record.offset,
            key: letter.record.key.map { String(decoding: $0, as: UTF8.self) }, orderId: letter.orderID?.description, headers: headers,
            valueBase64: Data(letter.record.value ?? []).base64EncodedString(), reason: letter.reason, attempts: Int(letter.attempts),
            createdAt: letter.createdAt.description)
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
