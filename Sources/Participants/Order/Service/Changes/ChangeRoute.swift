import HTTPTypes
import Hummingbird
import NIOCore
import HTTPServer
import SagaStore
import Store
import Wire

/// `GET /orders/changes`: every change of an order's status, as it happens, or from where a client broke off.
struct ChangeRoute: Sendable {
    let feed: ChangeFeed
    let database: Database
    let clock: SteadyClock

    private static let lastEventID = HTTPField.Name("Last-Event-ID")!
    private static let comments = Duration.seconds(14)

    func add(to router: ServiceRouter) {
        router.on(.get, "/orders/changes", query: ["after"]) { request, context in
            let position = try await start(request)
            return Response(
                status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
                body: ResponseBody { writer in
                    try await stream(from: position, to: &writer, context)
                    try await writer.finish(nil)
                })
        }
    }

    /// Behind which it is to begin; nil: now.
    ///
    /// - Throws: 400 for what is no position, 410 for one behind which something is not kept any more.
    private func start(_ request: Request) async throws -> Int64? {
        guard let text = request.headers[Self.lastEventID] ?? request.uri.queryParameters["after"].map(String.init) else { return nil }
        guard let position = Int64(text), position >= 0, text == "\(position)" else {
            throw ProblemError(.badRequest, "\(text.prefix(64)) is not a position: the id of an event of this stream")
        }
        switch try await database.read({ try $0.orderChanges(after: position) }) {
        case .found: return position
        case .ahead: throw ProblemError(.badRequest, "there is no position \(position) yet")
        case .expired:
            throw ProblemError(
                .gone, "what came behind position \(position) is not kept any more: list the orders, then begin without a position")
        }
    }

    /// Until the client has gone, others need its place, or the daemon stops.
    private func stream(from start: Int64?, to writer: inout any ResponseBodyWriter, _ context: ServiceRequestContext) async throws {
        let newest = feed.join()
        defer { feed.leave() }
        var position = start ?? newest
        try await writer.write(start == nil ? ServerSentEvent.beginning(at: position) : ServerSentEvent.comment)
        var written = clock.now
        while true {
            switch try await feed.next(after: position) {
            case .events(let events, let reached):
                position = reached
                if events.readableBytes > 0 {
                    try await writer.write(events)
                    written = clock.now
                }
            case .nothing:
                let isWanted = await context.wait { [position] in await feed.wait(after: position) }
                guard isWanted else { return }
                if clock.now - written >= Self.comments {
                    try await writer.write(ServerSentEvent.comment)
                    written = clock.now
                }
            case .expired: return
            }
        }
    }
}
