import struct AdminAPI.AdminRoute
import Systemd
import Logging
import Hummingbird
import HTTPTypes
import Saga
package import HTTPServer
package import SagaDaemon
import SagaStore
import Store
import Transport
package import Wire

/// The REST interface of the inventory service, on its port and on its admin socket.
package struct InventoryRoutes: Sendable {
    private let context: ServiceContext

    package init(context: ServiceContext) {
        self.context = context
    }

    package func add(to router: ServiceRouter) {
        router.on(.get, "/inventory") { _, _ in
            let stock = try await context.database.read { try $0.allStock() }
            return Response.json(JSONText.list("products", stock))
        }
        router.on(.get, "/inventory/:productId") { _, request in
            let productID = try productID(in: request)
            guard let stock = try await context.database.read({ try $0.stock(productID) }) else { throw unknownProduct(productID) }
            return Response.json(stock.json)
        }
        router.on(.get, "/reservations/:orderId") { _, request in
            let text = request.parameters.get("orderId") ?? ""
            guard let id = OrderID(text), let reservation = try await context.database.read({ try $0.datedReservation(id) }) else {
                throw ProblemError(.notFound, "nothing is known of an order \(text.prefix(64))")
            }
            return Response.json(reservation.json)
        }
    }

    /// What changes or lists more than one's own: on the admin socket only.
    package func addOperatorRoutes(to router: ServiceRouter) {
        router.on(.reservations, query: ["limit", "cursor"]) { request, _ in
            let limit = try request.pageLimit()
            let page = try await context.database.read { snapshot in
                let cursor = try request.pageCursor { try snapshot.reservation($0) != nil || snapshot.hasPurged($0) }
                return try snapshot.reservations(before: cursor, limit: limit + 1)
            }
            return Response.json(JSONText.page("reservations", page, limit: limit, id: \.state.orderID))
        }
        router.on(.stock) { _, _ in
            let stock = try await context.database.read { try $0.allStockWithPurged() }
            return Response.json(JSONText.list("products", stock.map(StockBooks.init)))
        }
        router.on(.setStock) { request, requestContext in
            let productID = try productID(in: requestContext)
            let available = try await request.jsonObject { object throws(JSONError) in
                let available = try object.integer("available", in: 0...JSONObject.largestInteger)
                try object.requireOnly("available")
                return available
            }
            let change = try await context.database.writer.write { try $0.setAvailable(available, of: productID) }
            guard let (before, stock) = change else {
                throw ProblemError(.unprocessableContent, "available, reserved and sold together would be more than 2^53−1")
            }
            log("set", productID, from: before?.available ?? 0, to: available)
            return Response.json(stock.json)
        }
        router.on(.adjustStock) { request, requestContext in
            let productID = try productID(in: requestContext)
            let change = try await request.jsonObject { object throws(JSONError) in
                let change = try object.integer("by", in: -JSONObject.largestInteger...JSONObject.largestInteger)
                try object.requireOnly("by")
                return change
            }
            switch try await context.database.writer.write({ try $0.adjustAvailable(by: change, of: productID) }) {
            case .unknownProduct: throw unknownProduct(productID)
            case .tooFew(let stock): throw ProblemError(.conflict, "only \(stock.available) of product \(productID) are available")
            case .tooMany:
                throw ProblemError(.unprocessableContent, "available, reserved and sold together would be more than 2^53−1")
            case .adjusted(let stock):
                log("changed", productID, from: stock.available - change, to: stock.available)
                return Response.json(stock.json)
            }
        }
    }

    /// The only trace of what an operator counted: a database that is restored does not have it.
    private func log(_ deed: String, _ productID: Int64, from before: Int64, to after: Int64) {
        context.log.record(
            .notice, "stock of product \(productID) \(deed) from \(before) to \(after) available",
            fields: ["product_id": "\(productID)", "available_before": "\(before)", "available": "\(after)"],
            messageID: MessageID.stockSet)
    }

    private func productID(in request: ServiceRequestContext) throws -> Int64 {
        let text = request.parameters.get("productId") ?? ""
        guard let id = Int64(text), (1...JSONObject.largestInteger).contains(id), text.first != "+" else {
            throw ProblemError(.notFound, "there is no product \(text.prefix(64))")
        }
        return id
    }

    private func unknownProduct(_ id: Int64) -> ProblemError {
        ProblemError(.notFound, "there is no product \(id)")
    }
}

/// A product as `sagactl reconcile` compares it with the reservations.
private struct StockBooks: JSONWritable {
    let stock: Stock
    let purged: Int64

    func write(to text: inout JSONText) {
        stock.write(to: &text)
        text.member("purged", purged)
    }
}

extension Stock: JSONWritable {
    package func write(to text: inout JSONText) {
        text.member("productId", productID)
        text.member("available", available)
        text.member("reserved", reserved)
        text.member("sold", sold)
    }
}
