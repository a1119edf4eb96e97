import Systemd
import AdminAPI
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import Saga
import SagaConfiguration
import SagaStore
import Store
import Wire
import Transport
import HTTPServer

/// What an operator can ask of any daemon, on its admin socket alone.
struct AdminRoutes<Service: SagaService>: Sendable {
    let status: DaemonStatus<Service>
    let handler: EventHandler<Service.Reactions>
    let context: ServiceContext
    let lane: RepublishLane
    let logLevel: LogLevelControl
    let configuration: @Sendable () -> Configuration.Loaded
    /// As it would be read now.
    let reread: @Sendable () throws -> Configuration.Loaded

    private var database: Database { context.database }

    func add(to router: ServiceRouter) {
        router.on(.status) { _, _ in try Response.encoding(try await status.status()) }
        status.addMetrics(to: router)
        router.on(.configuration) { _, _ in Response.json(Array(configuration().configuration.effective().json.utf8)) }
        router.on(.configurationKeys) { _, _ in Response.json(Array(configurationKeys().json.utf8)) }
        router.on(.trace) { _, request in
            let text = request.parameters.get("orderId") ?? ""
            guard let id = OrderID(text), let trace = try await OrderTimeline(service: status.service, database: database).trace(of: id)
            else {
                throw ProblemError(.notFound, "nothing is known of an order \(text.prefix(64))")
            }
            return try Response.encoding(trace)
        }
        router.on(.setLogLevel) { request, _ in
            let (level, duration) = try await request.jsonObject { object throws(JSONError) in
                let level = try object.value("logLevel", of: LogLevel.self)
                let duration = object["for"] != nil ? try object.duration("for") : nil
                try object.requireOnly("logLevel", "for")
                return (level, duration)
            }
            logLevel.set(Logger.Level(level), for: duration)
            context.log.record(.notice, "log level set to \(level)\(duration.map { " for \(DurationText.write($0))" } ?? "")")
            return Response(status: .noContent)
        }
        router.on(.purged) { _, request in
            let text = request.parameters.get("orderId") ?? ""
            guard let id = OrderID(text), try await database.read({ try $0.hasPurged(id) }) else {
                throw ProblemError(.notFound, "no order \(text.prefix(64)) was purged here")
            }
            return try Response.encoding(PurgedOrder(orderId: id.description))
        }
        router.on(.republish) { request, _ in try await republish(request) }
        DeadLetterRoutes(handler: handler, context: context).add(to: router)
    }

    private func configurationKeys() -> ConfigurationTree {
        var latest: Configuration?
        var problems: [String] = []
        do {
            latest = try reread().configuration
        } catch {
            problems = "\(error)".split(separator: "\n").map(String.init)
        }
        let keys = configuration().keys(comparedTo: latest).map(\.tree)
        let service = ConfigurationTree.string(Service.Reactions.service.rawValue)
        return .map(
            [("service", service), ("keys", .list(keys))]
                + (problems.isEmpty ? [] : [("problems", .list(problems.map(ConfigurationTree.string)))]))
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
            case .since(let time): try await lane.republish(since: time)
            }
        context.log.record(.notice, "\(queued) events queued to be published again", messageID: MessageID.republished)
        return try Response.encoding(RepublishResult(queued: queued))
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
}
