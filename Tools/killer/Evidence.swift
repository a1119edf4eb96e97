import AdminAPI
import Foundation
import struct Saga.ServiceName
import SagaTestSupport

/// Everything there is to judge a run by, once it has come to rest: what clients saw, and what the daemons say.
struct Evidence: Sendable {
    var history = History.Content()
    var orders: [Order] = []
    var reservations: [Reservation] = []
    var payments: [Payment] = []
    var products: [Product] = []
    var daemons: [ServiceStatus] = []
    /// What `sagactl reconcile` said, if it was not content.
    var reconciliation: String?
    /// Ends and failures of daemons that nobody asked for.
    var fleet: [String] = []

    /// Asks the daemons.
    init(from suite: DaemonSuite, history: History, fleet: Fleet) async throws {
        orders = try await Evidence.pages { cursor in
            let page: OrderPage = try await suite.rest(.order).decode("/orders\(cursor)")
            return (page.orders, page.nextCursor)
        }
        payments = try await Evidence.pages { cursor in
            let page: PaymentPage = try await suite.rest(.payment).decode("/payments\(cursor)")
            return (page.payments, page.nextCursor)
        }
        reservations = try await Evidence.pages { cursor in
            // Listed for operators only.
            let page: ReservationPage = try await suite.admin(.inventory).decode("/reservations\(cursor)")
            return (page.reservations, page.nextCursor)
        }
        products = try await (suite.rest(.inventory).decode("/inventory") as ProductList).products
        for service in ServiceName.allCases { daemons.append(try await suite.admin(service).decode("/status")) }
        let report = try await ProgramProcess.run(
            "sagactl", ["--runtime-directory", "\(suite.directory.path)/run", "reconcile", "--json"], in: suite.directory.path)
        reconciliation = report.exit == .code(0) ? nil : "\(report.exit): \(report.output)\(report.errors)"
        self.history = history.content
        self.fleet = await fleet.oddities
    }

    /// For tests, which make it up.
    init() {}

    private static func pages<Item>(_ fetch: (_ query: String) async throws -> ([Item], next: String?)) async throws -> [Item] {
        var all: [Item] = []
        var cursor: String?
        repeat {
            let (items, next) = try await fetch("?limit=500" + (cursor.map { "&cursor=\($0)" } ?? ""))
            all += items
            cursor = next
        } while cursor != nil
        return all
    }
}

extension HTTPClient {
    func decode<Answer: Decodable>(_ target: String) async throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: Data(try await get(target).body))
    }
}
