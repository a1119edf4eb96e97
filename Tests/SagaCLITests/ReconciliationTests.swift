import SagaTestSupport
import enum Saga.DeadLetterKind
import struct Saga.ServiceName
import AdminAPI
import AdminStub
import Foundation
import Synchronization
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI
import Wire

@Suite struct ReconciliationTests {
    private static let old = "2026-01-31T12:00:00.000Z"

    /// What the three daemons hold, and may change while they are asked.
    struct Books: Sendable {
        var orders: [Order] = []
        var payments: [Payment] = []
        var reservations: [Reservation] = []
        var products: [Product] = []
        var deadLetters: [DeadLetter] = []
        var deadline = "36500d"
        /// What changes once so many orders were asked for by id.
        var settling: (looks: Int, change: @Sendable (inout Books) -> Void)?
        private var looks = 0

        mutating func look() {
            looks += 1
            if let settling, settling.looks == looks { settling.change(&self) }
        }

        /// The first order is approved, and its stock committed, once so many orders were asked for by id.
        mutating func settleFirst(after looks: Int, at time: String) {
            settling = (
                looks,
                {
                    $0.remove(1)
                    $0.add(1, .approved, .approved, .committed, updatedAt: time)
                }
            )
        }

        mutating func remove(_ number: Int) {
            let id = "o-\(1000 + number)"
            orders.removeAll { $0.orderId == id }
            payments.removeAll { $0.orderId == id }
            reservations.removeAll { $0.orderId == id }
        }

        mutating func add(
            _ number: Int, _ status: Order.Status?, _ payment: Payment.Status?, _ reservation: Reservation.Status?,
            createdAt: String = old, updatedAt: String = old
        ) {
            let id = "o-\(1000 + number)"
            if let status {
                orders.append(
                    Order(
                        orderId: id, userId: 1, productId: 1, quantity: 2, amount: 100, status: status, createdAt: createdAt,
                        updatedAt: updatedAt))
            }
            if let payment { payments.append(Payment(orderId: id, userId: 1, amount: 100, status: payment)) }
            if let reservation { reservations.append(Reservation(orderId: id, productId: 1, quantity: 2, status: reservation)) }
        }
    }

    /// Serves the books as the daemons would, two items a page, newest first.
    private final class Daemons: Sendable {
        let directory: TestDirectory
        let books: Mutex<Books>
        private let stubs = Mutex<[StubDaemon]>([])

        init(_ books: Books) async throws {
            directory = try TestDirectory()
            self.books = Mutex(books)
            for service in ServiceName.allCases {
                let socket = service.adminSocket(in: directory.path)
                try FileManager.default.createDirectory(
                    atPath: (socket as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                let stub = try await StubDaemon(socketPath: socket) { [unowned self] in answer(service, $0.target) }
                stubs.withLock { $0.append(stub) }
            }
        }

        var reconciliation: Reconciliation {
            Reconciliation(suite: Suite(runtimeDirectory: directory.path), grace: .milliseconds(300), pageSize: 2)
        }

        func stop() async throws { for stub in stubs.withLock({ $0 }) { try await stub.stop() } }

        private func answer(_ service: ServiceName, _ target: String) -> StubDaemon.Reply {
            books.withLock { books in
                let url = URLComponents(string: target)
                let parts = target.split(separator: "?")[0].split(separator: "/").map(String.init)
                let cursor = url?.queryItems?.first { $0.name == "cursor" }?.value
                switch (parts.first, parts.dropFirst().first) {
                case ("config", nil): return Self.reply(EffectiveConfiguration(order: .init(deadline: books.deadline)))
                case ("dead-letters", nil):
                    return Self.reply(DeadLetterList(deadLetters: books.deadLetters.filter { $0.service == service }))
                case ("orders", let id?):
                    books.look()
                    return Self.reply(books.orders.first { $0.orderId == id })
                case ("payments", let id?): return Self.reply(books.payments.first { $0.orderId == id })
                case ("reservations", let id?): return Self.reply(books.reservations.first { $0.orderId == id })
                case ("stock", nil): return Self.reply(ProductList(products: books.products))
                case ("orders", nil):
                    let (page, next) = Self.page(books.orders, \.orderId, cursor)
                    return Self.reply(OrderPage(orders: page, nextCursor: next))
                case ("payments", nil):
                    let (page, next) = Self.page(books.payments, \.orderId, cursor)
                    return Self.reply(PaymentPage(payments: page, nextCursor: next))
                case ("reservations", nil):
                    let (page, next) = Self.page(books.reservations, \.orderId, cursor)
                    return Self.reply(ReservationPage(reservations: page, nextCursor: next))
                default: return .problem(status: 404, detail: target)
                }
            }
        }

        private static func reply(_ value: (some Encodable)?) -> StubDaemon.Reply {
            guard let value, let data = try? AdminJSON.encode(value) else { return .problem(status: 404, detail: "unknown") }
            return .json(String(decoding: data, as: UTF8.self))
        }

        private static func page<Item>(_ items: [Item], _ id: (Item) -> String, _ cursor: String?) -> ([Item], String?) {
            let rest = items.sorted { id($0) > id($1) }.filter { cursor == nil || id($0) < cursor! }
            return (Array(rest.prefix(2)), rest.count > 2 ? id(rest[1]) : nil)
        }
    }

    @Test func `books that agree have no problems, over many pages`() async throws {
        var books = Books()
        for number in 0..<9 { books.add(number, .approved, .approved, .committed) }
        books.add(9, .canceled, .refunded, .released)
        books.add(10, .canceled, nil, nil)
        books.add(11, .pending, nil, .reserved)
        books.products = [Product(productId: 1, available: 7, reserved: 2, sold: 18)]
        let daemons = try await Daemons(books)
        let report = try await daemons.reconciliation.run()
        #expect(report.problems == [])
        #expect(report.orders == 12)
        #expect(report.render(.plain) == "stock and money agree with 12 orders\n")
        try await daemons.stop()
    }

    @Test func `what is off is named by order and by product`() async throws {
        var books = Books()
        books.add(1, .approved, nil, .committed)
        books.add(2, .approved, .approved, .committed)
        books.add(3, .canceled, .approved, .reserved)
        books.add(4, nil, .approved, nil)
        books.products = [Product(productId: 1, available: 7, reserved: 5, sold: 4)]
        let daemons = try await Daemons(books)
        let report = try await daemons.reconciliation.run()
        #expect(
            report.problems.map { $0.orderId ?? "product \($0.productId ?? 0)" } == ["o-1004", "o-1003", "o-1001", "product 1"])
        #expect(report.problems.map(\.kind) == [.unknownOrder, .notCompensated, .paymentMissing, .stockMismatch])
        #expect(report.problems[1].problem.contains("is not refunded; CANCELED since"))
        #expect(
            report.problems.last?.problem.contains("says reserved 5 and sold 4, but its reservations add up to reserved 2 and sold 4")
                == true)
        let json = String(decoding: try AdminJSON.encode(report), as: UTF8.self)
        #expect(json.hasPrefix(#"{"problems":[{"kind":"unknown-order","orderId":"o-1004","problem":"#))
        try await daemons.stop()
    }

    @Test func `a problem that comes of a dead letter names the command that mends it`() async throws {
        var books = Books()
        books.add(1, .canceled, .refunded, .reserved)
        books.add(2, .canceled, .refunded, .reserved)
        books.products = [Product(productId: 1, available: 7, reserved: 4, sold: 0)]
        books.deadLetters = [
            Self.letter("d-1", .inventory, .handlerFailed, "o-1001"), Self.letter("d-2", .inventory, .parked, "o-1002"),
        ]
        let daemons = try await Daemons(books)
        let problems = try await daemons.reconciliation.run().problems
        let hold = "; but inventory holds up its events since \(Self.old)"
        #expect(problems.map(\.orderId) == ["o-1002", "o-1001"])
        #expect(problems.map { $0.problem.hasSuffix(hold) } == [false, true])
        #expect(problems.map(\.repair) == ["sagactl reconcile --repair --order o-1002", "sagactl dead-letters retry d-1"])
        try await daemons.stop()
    }

    private static func letter(_ id: String, _ service: ServiceName, _ kind: DeadLetterKind, _ order: String?) -> DeadLetter {
        DeadLetter(
            id: id, service: service, kind: kind, topic: "t", partition: 0, offset: 1, orderId: order, valueBase64: "", reason: "r",
            attempts: 1, createdAt: old)
    }

    @Test func `an order that dead letters hold up is named though nothing else is off, with the commands that mend it`() async throws {
        var books = Books()
        books.add(1, .pending, .approved, nil)
        books.add(2, .pending, .approved, nil)
        books.deadLetters = [
            Self.letter("d-1", .order, .handlerFailed, "o-1001"), Self.letter("d-2", .order, .parked, "o-1001"),
            Self.letter("d-3", .inventory, .handlerFailed, "o-1001"), Self.letter("d-4", .payment, .unreadable, nil),
        ]
        let daemons = try await Daemons(books)
        let problems = try await daemons.reconciliation.run().problems
        let holds = ["order", "inventory"].map { "\($0) holds up its events since \(Self.old)" }
        #expect(
            problems == [
                .order("o-1001", [Finding(.undecided, "\(holds[0]); \(holds[1])")], repair: "sagactl dead-letters retry d-1 d-3")
            ])
        try await daemons.stop()
    }

    @Test func `an order nobody decides is named once its deadline has passed, or once all have answered`() async throws {
        var books = Books()
        books.add(1, .pending, nil, .reserved)
        books.add(2, .pending, .approved, .reserved)
        books.add(3, .pending, nil, nil, createdAt: RFC3339.format(microseconds: Timestamp.now.microseconds + 3_600_000_000))
        books.add(4, .pending, nil, nil)
        books.products = [Product(productId: 1, available: 7, reserved: 4, sold: 0)]
        let (patient, strict) = (try await Daemons(books), try await Daemons(books))
        strict.books.withLock { $0.deadline = "10s" }
        #expect(try await patient.reconciliation.run().problems.map(\.orderId) == ["o-1002"])
        let problems = try await strict.reconciliation.run().problems
        #expect(problems.map(\.orderId) == ["o-1004", "o-1002", "o-1001"])
        #expect(problems.allSatisfy { $0.problem.contains("PENDING since \(Self.old), past its deadline") })
        try await patient.stop()
        try await strict.stop()
    }

    @Test func `an order whose last answer has just come gets time to be decided`() async throws {
        var books = Books()
        books.add(1, .pending, .approved, .reserved)
        books.products = [Product(productId: 1, available: 7, reserved: 0, sold: 2)]
        // It is decided while it is looked into for the second time, from a clock that is ahead.
        let now = RFC3339.format(microseconds: Timestamp.now.microseconds + 3_600_000_000)
        books.settleFirst(after: 2, at: now)
        let daemons = try await Daemons(books)
        #expect(try await daemons.reconciliation.run().problems == [])
        try await daemons.stop()
    }

    @Test func `an order that has just changed gets time to come to rest`() async throws {
        var books = Books()
        // From a clock that is ahead, so that the order is young however slow this test runs.
        let now = RFC3339.format(microseconds: Timestamp.now.microseconds + 3_600_000_000)
        books.add(1, .approved, .approved, .reserved, updatedAt: now)
        books.add(2, .canceled, .approved, .released, updatedAt: now)
        // Inventory commits only after both suspects were looked into for the first time.
        books.settleFirst(after: 2, at: now)
        let daemons = try await Daemons(books)
        let report = try await daemons.reconciliation.run()
        #expect(report.problems.map(\.orderId) == ["o-1002"])
        try await daemons.stop()
    }

    @Test func `all three daemons are needed`() async throws {
        let daemons = try await Daemons(Books())
        try await daemons.stop()
        await #expect(throws: AdminError.self) { try await daemons.reconciliation.run() }
    }
}
