import Foundation
import Saga
import SagaTestSupport
import Testing
import Wire

/// A client that does not give up: it places orders with idempotency keys, again and again until each is accepted, whatever happens to
/// the daemons meanwhile. Keeps what it was promised.
final class OrderLoad: Sendable {
    struct Accepted: Sendable, Equatable {
        let key: String
        let wanted: Wanted
        let order: String
        let answer: [UInt8]
    }

    /// What a client wants, and what must come of it.
    struct Wanted: Sendable, Equatable {
        var user = 1
        var product = 1
        var quantity = 1
        var amount = 1000

        var body: String { #"{"userId":\#(user),"productId":\#(product),"quantity":\#(quantity),"amount":\#(amount)}"# }

        /// Users that pay and others, products that are there, scarce, or unknown.
        static func mixed(_ number: Int) -> Wanted {
            let (user, product) = [(1, 1), (3, 1), (2, 1), (4, 2), (5, 1), (1, 99), (2, 99), (6, 1)][number % 8]
            return Wanted(user: user, product: product, quantity: 1 + number % 3, amount: 100 + number)
        }

        /// Whether an order may end so; a scarce product may be there or not.
        func allows(_ status: String, reason: String?) -> Bool {
            switch (user, product) {
            case (2, 1): (status, reason) == ("CANCELED", "PAYMENT_FAILED")
            case (2, 99): status == "CANCELED" && ["PAYMENT_FAILED", "INVENTORY_FAILED"].contains(reason)
            case (_, 99): (status, reason) == ("CANCELED", "INVENTORY_FAILED")
            case (_, 2): (status, reason) == ("APPROVED", nil) || (status, reason) == ("CANCELED", "INVENTORY_FAILED")
            default: (status, reason) == ("APPROVED", nil)
            }
        }
    }

    let accepted = Observed<[Accepted]>([])
    private let suite: DaemonSuite
    private let patience: Duration
    private static let atOnce = 8

    init(_ suite: DaemonSuite, patience: Duration = .seconds(45)) {
        self.suite = suite
        self.patience = patience
    }

    /// Returns when `count` more orders are accepted.
    func place(_ count: Int) async throws {
        let first = accepted.state.count
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in first..<first + count {
                if number - first >= OrderLoad.atOnce { try await group.next() }
                group.addTask { try await self.place(.mixed(number), key: "key-\(number)") }
            }
            try await group.waitForAll()
        }
    }

    /// Returns when so many orders were accepted.
    func waitForAccepted(_ count: Int) async throws {
        try await accepted.wait(for: "\(count) accepted orders", within: patience) { $0.count >= count ? () : nil }
    }

    private func place(_ wanted: Wanted, key: String) async throws {
        let answer = try await eventually("order \(key)", within: patience) { () -> HTTPAnswer? in
            let answer = try await self.post(wanted, key: key)
            // Anything but a refusal for the moment is wrong.
            #expect([201, 409, 503].contains(answer.status), "\(answer.text)")
            return answer.status == 201 ? answer : nil
        }
        let order = try #require(try answer.json["orderId"]?.string)
        accepted.change { $0.append(Accepted(key: key, wanted: wanted, order: order, answer: answer.body)) }
    }

    private func post(_ wanted: Wanted, key: String) async throws -> HTTPAnswer {
        try await suite.rest(.order).post("/orders", json: wanted.body, headers: [("Idempotency-Key", key)])
    }

    // MARK: Afterwards

    /// Checks that all that was promised is kept, and that stock and money add up, by what the daemons' REST interfaces say.
    func settle(stock initial: [Int64: Int64] = [1: 1_000_000, 2: 5]) async throws {
        let accepted = accepted.state
        #expect(Set(accepted.map(\.order)).count == accepted.count)

        var ends: [String: JSONValue] = [:]
        for each in accepted {
            let order = try await suite.decided(each.order)
            let (status, reason) = (order["status"]?.string ?? "", order["reason"]?.string)
            #expect(each.wanted.allows(status, reason: reason), "\(each.wanted.body) ended \(status) \(reason ?? "")")
            ends[each.order] = order
            // The promise is repeated word for word.
            let again = try await post(each.wanted, key: each.key)
            #expect(again.status == 201)
            #expect(again.body == each.answer)
        }
        let all = try await pages("orders", of: .order)
        #expect(all.count == accepted.count, "one order for each key")

        try await comeToRest(ends)
        let approved = accepted.filter { ends[$0.order]?["status"]?.string == "APPROVED" }

        let products = try #require(try await suite.rest(.inventory).get("/inventory").json["products"]?.array)
        for product in products {
            let id = try #require(product["productId"]?.integer)
            let figures = ["available", "reserved", "sold"].compactMap { product[$0]?.integer }
            #expect(figures.reduce(0, +) == initial[id], "stock of \(id)")
            #expect(product["reserved"]?.integer == 0)
            let sold = approved.filter { $0.wanted.product == Int(id) }
            #expect(product["sold"]?.integer == sold.reduce(0) { $0 + Int64($1.wanted.quantity) })
        }
        let payments = try await pages("payments", of: .payment).filter { $0["status"]?.string == "APPROVED" }
        #expect(Set(payments.compactMap { $0["orderId"]?.string }) == Set(approved.map(\.order)))
        #expect(payments.reduce(0) { $0 + ($1["amount"]?.integer ?? 0) } == approved.reduce(0) { $0 + Int64($1.wanted.amount) })

        let report = try await suite.sagactl("reconcile", "--json")
        #expect(report.exit == .code(0), "\(report.output) \(report.errors)")
        #expect(try JSONValue(parsing: Array(report.output.utf8))["problems"]?.array == [])
        for service in ServiceName.allCases {
            let status = try await suite.status(service)
            #expect(status["outbox"]?["pending"]?.integer == 0)
            #expect(status["deadLetters"]?.integer == 0)
        }
    }

    /// Waits until nobody has anything to tell, and what was decided has reached stock and money.
    private func comeToRest(_ ends: [String: JSONValue]) async throws {
        try await eventually("rest", within: patience) { () -> Void? in
            for service in ServiceName.allCases {
                guard try await suite.status(service)["outbox"]?["pending"]?.integer == 0 else { return nil }
            }
            let stock = try await suite.rest(.inventory).get("/inventory").json["products"]?.array ?? []
            guard stock.allSatisfy({ $0["reserved"]?.integer == 0 }) else { return nil }
            let charged = try await pages("payments", of: .payment).filter { $0["status"]?.string == "APPROVED" }
            return charged.allSatisfy { ends[$0["orderId"]?.string ?? ""]?["status"]?.string == "APPROVED" } ? () : nil
        }
    }

    private func pages(_ name: String, of service: ServiceName) async throws -> [JSONValue] {
        var all: [JSONValue] = []
        var cursor = ""
        repeat {
            let page = try await suite.rest(service).get("/\(name)?limit=500\(cursor)").json
            all += try #require(page[name]?.array)
            cursor = page["nextCursor"]?.string.map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty
        return all
    }
}
