import Hummingbird
import HTTPTypes
import Saga
package import HTTPServer
import SagaDaemon
import SagaStore
import Store
import Wire

/// The REST interface of the order service, on its port and on its admin socket.
package struct OrderRoutes: Sendable {
    private static let traceparent = HTTPField.Name("traceparent")!

    private let reactions: OrderReactions
    private let waiters: OrderWaiters
    private let metrics: OrderMetrics
    private let context: ServiceContext

    init(reactions: OrderReactions, waiters: OrderWaiters, metrics: OrderMetrics, context: ServiceContext) {
        self.reactions = reactions
        self.waiters = waiters
        self.metrics = metrics
        self.context = context
    }

    package func add(to router: ServiceRouter) {
        router.on(.post, "/orders") { request, _ in try await create(request) }
        router.on(.get, "/orders", query: OrderFilter.parameters.union(["limit", "cursor"])) { request, _ in try await list(request) }
        router.on(.get, "/orders/:orderId", query: ["wait"]) { request, context in try await show(request, try id(in: context), context) }
        router.on(.post, "/orders/:orderId/cancel") { _, context in try await cancel(try id(in: context)) }
    }

    private func create(_ request: Request) async throws -> Response {
        let key = try IdempotencyKey(request.headers)
        // One that is malformed is ignored (W3C Trace Context, section 3.2.2.5).
        let parent = request.headers.value(of: Self.traceparent).flatMap { TraceParent($0.utf8) }
        let start = context.tracer == nil ? nil : context.clock()
        let body = try await request.jsonBody()
        let asked = try Request.parse(body, RequestedOrder.init)
        // An answer that is kept is given also where no new order is taken on, which only the transaction can tell; the rest need not wait.
        if key == nil { try context.admission.requireRoom() }
        let (placed, isNew) = try await context.database.writer.write { [reactions, context] transaction in
            try reactions.place(once: key, request: body, trace: parent?.trace, in: transaction) { id in
                try context.admission.requireRoom()
                return asked.terms(id: id)
            }
        }
        if isNew {
            metrics.orderPlaced()
            let (id, trace) = (placed.order.terms.orderID, placed.order.trace)
            context.log.decided("order placed", order: id, trace, placed.handled)
            if let start { context.tracer?.placed(id, trace, placed.handled, by: parent?.span, from: start, to: context.clock()) }
        }
        // The first answer again, also when the order has been decided since.
        return Response.json(placed.order.asPlaced.json, status: .created, headers: [.location: "/orders/\(placed.order.terms.orderID)"])
    }

    private func show(_ request: Request, _ id: OrderID, _ requestContext: ServiceRequestContext) async throws -> Response {
        guard var order = try await read(id) else { throw notFound(id) }
        if let text = request.uri.queryParameters["wait"] {
            let limit = try WaitTime(String(text)).duration
            if order.status == .pending {
                await requestContext.wait { [self] in
                    await waiters.wait(for: id, atMost: limit) { [self] in
                        // What cannot be read is not known to be decided.
                        guard let order = try? await read(id) else { return false }
                        return order.status != .pending
                    }
                }
                order = try await read(id) ?? order
            }
        }
        return Response.json(order.json)
    }

    private func list(_ request: Request) async throws -> Response {
        let limit = try request.pageLimit()
        let filter = try OrderFilter(request)
        let orders = try await context.database.read { snapshot in
            let cursor = try request.pageCursor { try snapshot.order($0) != nil || snapshot.hasPurged($0) }
            // One more than asked for tells whether there is a next page.
            return try snapshot.orders(filter, before: cursor, limit: limit + 1)
        }
        return Response.json(JSONText.page("orders", orders, limit: limit, id: \.terms.orderID))
    }

    private func cancel(_ id: OrderID) async throws -> Response {
        let canceled = try await context.database.writer.write { [reactions] transaction in
            try reactions.cancel(id, .canceledByClient, in: transaction)
        }
        guard let canceled else { throw notFound(id) }
        guard canceled.order.status != .approved else { throw ProblemError(.conflict, "order \(id) is APPROVED") }
        if canceled.handled.outcome == .applied {
            context.decided("order canceled by the client", order: id, canceled.order.trace, canceled.handled)
        }
        return Response.json(canceled.order.json)
    }

    private func read(_ id: OrderID) async throws -> Order? {
        try await context.database.read { try $0.order(id) }
    }

    private func id(in request: ServiceRequestContext) throws -> OrderID {
        let text = request.parameters.get("orderId") ?? ""
        guard let id = OrderID(text) else { throw ProblemError(.notFound, "there is no order \(text.prefix(64))") }
        return id
    }

    private func notFound(_ id: OrderID) -> ProblemError {
        ProblemError(.notFound, "there is no order \(id)")
    }
}
