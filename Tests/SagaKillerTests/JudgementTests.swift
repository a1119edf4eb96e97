import AdminAPI
import struct Saga.ServiceName
import Testing

@testable import saga_killer

/// What is judged is made up here, so that each invariant is seen to be violated.
@Suite struct JudgementTests {
    @Test func `a run in which all went well violates nothing`() {
        #expect(Judgement(.good).violations == [])
    }

    @Test(arguments: Fake.all)
    func `what is wrong is found, and nothing else`(_ fake: Fake) {
        var evidence = Evidence.good
        fake.spoil(&evidence)
        #expect(Set(Judgement(evidence).violations.map(\.invariant)) == fake.violated)
    }

    @Test func `there is a fake for each invariant`() {
        #expect(Set(Fake.all.flatMap(\.violated)) == Set(Invariant.allCases))
    }
}

/// Evidence with one thing wrong.
struct Fake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let violated: Set<Invariant>
    let spoil: @Sendable (inout Evidence) -> Void

    init(_ description: String, _ violated: Invariant..., spoil: @escaping @Sendable (inout Evidence) -> Void) {
        testDescription = description
        self.violated = Set(violated)
        self.spoil = spoil
    }

    static let all = promises + stockAndMoney + daemons

    private static let promises = [
        Fake("a request is never answered", .answers) { $0.history.wishes.append(.plain("c")) },
        Fake("an answer is odd", .answers) { $0.history.oddities = ["500"] },
        Fake("a key is promised two orders", .keys, .promises) {
            $0.history.promises.append(.init(key: "a", order: "3", answer: [3], at: .now))
        },
        Fake("a key makes two orders", .strangers) { $0.orders.append(.made("3", .canceled, reason: "INVENTORY_FAILED", product: 99)) },
        Fake("a key is answered otherwise the second time", .keys) {
            $0.history.promises.append(.init(key: "a", order: "1", answer: [9], at: .now))
        },
        Fake("two keys are given one order", .keys) {
            $0.history.wishes.append(.plain("c"))
            $0.history.promises.append(.init(key: "c", order: "1", answer: [9], at: .now))
        },
        Fake("a promised order is lost", .promises) {
            $0.history.wishes.append(.plain("c"))
            $0.history.promises.append(.init(key: "c", order: "3", answer: [3], at: .now))
        },
        Fake("an order does not end", .promises, .reservations, .money) {
            $0.history.sightings = []
            $0.orders[1] = .made("2", .pending, product: 99)
        },
        Fake("another order is made than was asked for", .promises, .money) {
            $0.orders[0] = .made("1", .approved, amount: 77)
        },
        Fake("the listing repeats itself", .strangers, .stock) { $0.orders.append($0.orders[0]) },
        Fake("an order is canceled by a deadline that was far away", .ends) {
            $0.history.sightings = []
            $0.orders[1] = .made("2", .canceled, reason: "DEADLINE_EXCEEDED", product: 99)
        },
        Fake("what was canceled is approved in the end", .finality) { $0.see("1", .final(status: "CANCELED", reason: nil)) },
        Fake("the reason changes", .finality) { $0.see("2", .final(status: "CANCELED", reason: "PAYMENT_FAILED")) },
        Fake("an order that had ended is pending again", .finality) {
            $0.see("1", .final(status: "APPROVED", reason: nil))
            $0.see("1", .pending)
        },
        Fake("an order that was promised is not there for a moment", .finality) { $0.see("1", .missing) },
    ]

    private static let stockAndMoney = [
        Fake("a piece is lost", .stock) { $0.products[0] = .plenty(available: -3, reserved: 0, sold: 2) },
        Fake("a piece stays reserved", .stock) { $0.products[0] = .plenty(available: -3, reserved: 1, sold: 2) },
        Fake("more is sold than was ordered", .stock) { $0.products[0] = .plenty(available: -3, reserved: 0, sold: 3) },
        Fake("a product vanishes", .stock) { $0.products.removeLast() },
        Fake("a product turns up", .stock) { $0.products.append(Product(productId: 5, available: 1, reserved: 0, sold: 0)) },
        Fake("an approved order has no stock", .reservations) { $0.reservations.removeFirst() },
        Fake("stock is held for an approved order, not committed", .reservations) {
            $0.reservations[0] = Reservation(orderId: "1", productId: 1, quantity: 2, status: .reserved)
        },
        Fake("stock is committed for a canceled order", .reservations) {
            $0.reservations[1] = Reservation(orderId: "2", productId: 99, quantity: 2, status: .committed)
        },
        Fake("too much is committed", .reservations) {
            $0.reservations[0] = Reservation(orderId: "1", productId: 1, quantity: 3, status: .committed)
        },
        Fake("stock is held for nobody", .reservations) {
            $0.reservations.append(Reservation(orderId: "3", productId: 1, quantity: 2, status: .reserved))
        },
        Fake("an approved order is not paid", .money) { $0.payments.removeFirst() },
        Fake("an approved order is paid twice", .money) { $0.payments.append($0.payments[0]) },
        Fake("an approved order is refunded", .money) { $0.payments[0] = .made("1", .refunded) },
        Fake("too much is charged", .money) { $0.payments[0] = .made("1", .approved, amount: 101) },
        Fake("a canceled order is not refunded", .money) { $0.payments[1] = .made("2", .approved) },
        Fake("somebody pays for nothing", .money) { $0.payments.append(.made("3", .approved)) },
    ]

    private static let daemons = [
        Fake("an event was not told", .rest) { $0.daemons[0] = .ready(.order, pending: 1) },
        Fake("an event was not heard", .rest) { $0.daemons[1] = .ready(.inventory, lag: 1) },
        Fake("there is a dead letter", .rest) { $0.daemons[2] = .ready(.payment, deadLetters: 1) },
        Fake("a daemon is degraded", .rest) { $0.daemons[2] = .ready(.payment, state: .degraded) },
        Fake("a daemon is silent", .rest) { $0.daemons.removeLast() },
        Fake("sagactl finds something", .reconciliation) { $0.reconciliation = "1 problem" },
        Fake("a daemon ends by itself", .processes) { $0.fleet = ["saga-orderd ended with code 70"] },
    ]
}

extension Evidence {
    /// One order that was approved, and one that was canceled as there is no such product.
    fileprivate static var good: Evidence {
        var evidence = Evidence()
        evidence.history.wishes = [.plain("a"), .plain("b", product: 99)]
        evidence.history.promises = [
            .init(key: "a", order: "1", answer: [1], at: .now), .init(key: "b", order: "2", answer: [2], at: .now),
            .init(key: "a", order: "1", answer: [1], at: .now),
        ]
        evidence.see("1", .pending)
        evidence.see("1", .final(status: "APPROVED", reason: nil))
        evidence.see("2", .final(status: "CANCELED", reason: "INVENTORY_FAILED"))
        evidence.orders = [.made("1", .approved), .made("2", .canceled, reason: "INVENTORY_FAILED", product: 99)]
        evidence.reservations = [
            Reservation(orderId: "1", productId: 1, quantity: 2, status: .committed),
            Reservation(orderId: "2", productId: 99, quantity: 2, status: .rejected),
        ]
        evidence.payments = [.made("1", .approved), .made("2", .refunded)]
        evidence.products = [
            .plenty(available: -2, reserved: 0, sold: 2), Product(productId: 2, available: Wish.initialStock[2]!, reserved: 0, sold: 0),
        ]
        evidence.daemons = [.ready(.order), .ready(.inventory), .ready(.payment)]
        return evidence
    }

    fileprivate mutating func see(_ order: String, _ seen: History.Sighting.Seen) {
        history.sightings.append(History.Sighting(order: order, asked: .now, answered: .now, seen: seen))
    }
}

extension Wish {
    fileprivate static func plain(_ key: String, product: Int64 = 1) -> Wish {
        Wish(key: key, request: OrderRequest(userId: 3, productId: product, quantity: 2, amount: 100))
    }
}

extension Order {
    fileprivate static func made(
        _ id: String, _ status: Status, reason: String? = nil, product: Int64 = 1, amount: Int64 = 100
    ) -> Order {
        Order(
            orderId: id, userId: 3, productId: product, quantity: 2, amount: amount, status: status, reason: reason, createdAt: "",
            updatedAt: "")
    }
}

extension Payment {
    fileprivate static func made(_ order: String, _ status: Status, amount: Int64 = 100) -> Payment {
        Payment(paymentId: "p", orderId: order, userId: 3, amount: amount, status: status)
    }
}

extension Product {
    /// - Parameter available: how many more than at the beginning.
    fileprivate static func plenty(available: Int64, reserved: Int64, sold: Int64) -> Product {
        Product(productId: 1, available: Wish.initialStock[1]! + available, reserved: reserved, sold: sold)
    }
}

extension ServiceStatus {
    fileprivate static func ready(
        _ service: ServiceName, state: State = .ready, pending: Int = 0, lag: Int = 0, deadLetters: Int = 0
    ) -> ServiceStatus {
        ServiceStatus(
            service: service, state: state, outbox: Outbox(pending: pending), lag: lag, deadLetters: deadLetters)
    }
}
