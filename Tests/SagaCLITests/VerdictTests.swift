import AdminAPI
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI

@Suite struct VerdictTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let order: Order.Status?
        let payment: Payment.Status?
        let reservation: Reservation.Status?
        let isOverdue: Bool
        let problems: [String]

        init(
            _ order: Order.Status?, _ payment: Payment.Status?, _ reservation: Reservation.Status?, isOverdue: Bool = false,
            _ problems: String...
        ) {
            self.order = order
            self.isOverdue = isOverdue
            self.payment = payment
            self.reservation = reservation
            self.problems = problems
        }

        var testDescription: String {
            [order?.rawValue, payment?.rawValue, reservation?.rawValue].map { $0 ?? "-" }.joined(separator: " ")
                + (isOverdue ? ", overdue" : "")
        }
    }

    static let cases = [
        Case(.approved, .approved, .committed),
        Case(.pending, .pending, .reserved),
        Case(.approved, nil, .committed, "it has no payment"),
        Case(.approved, .refunded, .committed, "its payment is REFUNDED"),
        Case(.approved, .approved, .reserved, "its stock is still RESERVED"),
        Case(.approved, .approved, .released, "its reservation is RELEASED"),
        Case(.approved, .failed, nil, "its payment is FAILED", "it has no reservation"),
        Case(.canceled, nil, nil),
        Case(.canceled, .refunded, .released),
        Case(.canceled, .void, .void),
        Case(.canceled, .failed, .rejected),
        Case(.canceled, .approved, .released, "its payment of 1000 is not refunded"),
        Case(.canceled, .failed, .reserved, "2 of product 1 are RESERVED for it"),
        Case(.canceled, .approved, .committed, "its payment of 1000 is not refunded", "2 of product 1 are COMMITTED for it"),
        Case(.pending, nil, nil),
        Case(.pending, .approved, nil),
        Case(.pending, nil, .reserved),
        Case(
            .pending, .approved, .reserved,
            "PENDING since 2026-01-31T12:00:00.000Z, though its payment is APPROVED and its reservation is RESERVED"),
        Case(.pending, .failed, nil, "000Z, though its payment is FAILED"),
        Case(.pending, nil, .rejected, "000Z, though its reservation is REJECTED"),
        Case(.pending, .approved, nil, isOverdue: true, "000Z, past its deadline: sagactl trace o shows what it waits for"),
        Case(.pending, .approved, .reserved, isOverdue: true, "000Z, past its deadline, though its payment is APPROVED and"),
        Case(.approved, .approved, .committed, isOverdue: true),
        Case(.canceled, nil, nil, isOverdue: true),
        Case(nil, .approved, .reserved, "1000 is charged for it", "2 of product 1 are RESERVED for it"),
        Case(nil, .void, .void),
    ]

    private static func order(_ status: Order.Status) -> Order {
        Order(
            orderId: "o", userId: 1, productId: 1, quantity: 2, amount: 1000, status: status, createdAt: "2026-01-31T12:00:00.000Z",
            updatedAt: "2026-01-31T12:00:00.000Z")
    }

    @Test(arguments: cases) func `stock and money follow the order`(example: Case) {
        let problems = Verdict.problems(
            orderId: "o", order: example.order.map(Self.order), isOverdue: example.isOverdue,
            payment: example.payment.map { Payment(orderId: "o", userId: 1, amount: 1000, status: $0) },
            reservation: example.reservation.map { Reservation(orderId: "o", productId: 1, quantity: 2, status: $0) })
        #expect(problems.count == example.problems.count, "\(problems)")
        for (problem, expected) in zip(problems, example.problems) { #expect(problem.text.contains(expected)) }
    }

    @Test func `users, amounts and quantities are compared too`() {
        let problems = Verdict.problems(
            orderId: "o", order: Self.order(.approved), isOverdue: false,
            payment: Payment(orderId: "o", userId: 99, amount: 900, status: .approved),
            reservation: Reservation(orderId: "o", productId: 1, quantity: 3, status: .committed))
        #expect(
            problems == [
                Finding(.paymentMissing, "the order's amount is 1000, but 900 was charged"),
                Finding(.paymentMissing, "the order is of user 1, but user 99 was charged"),
                Finding(.reservationMissing, "ordered are 2 of product 1, but sold were 3 of product 1"),
            ])
    }

    @Test func `a gateway that has not answered for long is a problem of its own, and what is off besides comes first`() {
        func problems(_ order: Order.Status?, _ payment: Payment.Status) -> [Finding.Kind] {
            Verdict.problems(
                orderId: "o", order: order.map(Self.order), isOverdue: false,
                payment: Payment(orderId: "o", userId: 1, amount: 1000, status: payment, updatedAt: "2026-01-31T12:00:00.000Z"),
                isUnsettled: true, reservation: nil
            ).map(\.kind)
        }
        #expect(problems(.pending, .pending) == [.unsettled])
        #expect(problems(.canceled, .refunding) == [.unsettled])
        #expect(problems(nil, .pending) == [.unsettled])
        #expect(problems(.approved, .pending) == [.paymentMissing, .reservationMissing, .unsettled])
    }
}
