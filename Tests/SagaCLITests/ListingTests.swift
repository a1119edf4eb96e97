import AdminAPI
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI

@Suite struct ListingTests {
    private static let pending = Order(
        orderId: "019c1362-2400-7000-8000-000000000002", userId: 1, productId: 12, quantity: 3, amount: 129_900, status: .pending,
        createdAt: "2026-01-31T12:00:01.500Z", updatedAt: "2026-01-31T12:00:01.500Z")
    private static let canceled = Order(
        orderId: "019c1362-2400-7000-8000-000000000001", userId: 2, productId: 1, quantity: 1, amount: 1000, status: .canceled,
        reason: "PAYMENT_FAILED", detail: "DECLINED", createdAt: "2026-01-31T12:00:00.000Z", updatedAt: "2026-01-31T12:00:00.041Z")

    @Test func `orders are a table`() {
        let expected = """
            ORDER                                 STATUS    USER  PRODUCT  QUANTITY  AMOUNT  CREATED                 TOOK  REASON
            019c1362-2400-7000-8000-000000000002  PENDING      1       12         3  129900  2026-01-31 12:00:01
            019c1362-2400-7000-8000-000000000001  CANCELED     2        1         1    1000  2026-01-31 12:00:00  41.0 ms  PAYMENT_FAILED (DECLINED)

            """
        #expect(Listing.orders([Self.pending, Self.canceled], .plain) == expected)
        #expect(Listing.orders([], .plain) == "no orders\n")
    }

    @Test func `one order is shown in full`() {
        let expected = """
            order     019c1362-2400-7000-8000-000000000001
            status    CANCELED
            reason    PAYMENT_FAILED (DECLINED)
            user      2
            product   1
            quantity  1
            amount    1000
            created   2026-01-31T12:00:00.000Z
            updated   2026-01-31T12:00:00.041Z
            took      41.0 ms

            """
        #expect(Listing.order(Self.canceled, .plain) == expected)
        #expect(Listing.change(Self.canceled, .plain) == "2026-01-31T12:00:00.041Z  CANCELED (PAYMENT_FAILED)")
    }

    @Test func `stock is a table`() {
        let products = [
            Product(productId: 1, available: 9, reserved: 1, sold: 120), Product(productId: 1024, available: 0, reserved: 0, sold: 5),
        ]
        let expected = """
            PRODUCT  AVAILABLE  RESERVED  SOLD
                  1          9         1   120
               1024          0         0     5

            """
        #expect(Listing.products(products, .plain) == expected)
    }

    @Test func `payments are a table, also those that never were`() {
        let payments = [
            Payment(
                paymentId: "019c1362-2400-7000-8000-0000000000aa", orderId: "019c1362-2400-7000-8000-000000000001", userId: 2, amount: 1000,
                status: .failed, reason: "DECLINED"),
            Payment(orderId: "019c1362-2400-7000-8000-000000000000", status: .void),
        ]
        let expected = """
            ORDER                                 STATUS  USER  AMOUNT  PAYMENT                               REASON
            019c1362-2400-7000-8000-000000000001  FAILED     2    1000  019c1362-2400-7000-8000-0000000000aa  DECLINED
            019c1362-2400-7000-8000-000000000000  VOID

            """
        #expect(Listing.payments(payments, .plain) == expected)
        let shown = """
            order   019c1362-2400-7000-8000-000000000000
            status  VOID

            """
        #expect(Listing.payment(payments[1], .plain) == shown)
    }
}
