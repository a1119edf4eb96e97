import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// What the payment service makes of each event it hears, with the simulated gateway.
@Suite struct PaymentReactionTests {
    private static func created(_ order: OrderID, user: Int64 = 1, amount: Int64 = 1000) -> SagaEvent {
        .orderCreated(OrderTerms(orderID: order, userID: user, productID: 1, quantity: 3, amount: amount))
    }

    private static func outOfStock(_ order: OrderID) -> SagaEvent {
        .inventoryFailed(StockClaim(orderID: order, productID: 1, quantity: 3), reason: .outOfStock)
    }

    private static func canceled(_ order: OrderID) -> SagaEvent { .orderCanceled(orderID: order, reason: .canceledByClient) }

    private static func payment(_ order: OrderID, at service: PaymentInProcess) async throws -> Payment? {
        try await service.read { try $0.payment(order) }
    }

    @Test(
        arguments: [(1, PaymentStatus.approved, EventType.paymentApproved), (2, .failed, .paymentFailed)]
            as [(Int64, PaymentStatus, EventType)])
    func `an order is charged, or declined`(_ user: Int64, _ status: PaymentStatus, _ type: EventType) async throws {
        try await PaymentInProcess.run { service in
            let (order, id): (OrderID, EventID) = (service.newID(), service.newID())
            let published = try await service.hear(Self.created(order, user: user), id: id)
            let payment = try #require(try await Self.payment(order, at: service))
            let charge = try #require(payment.answer?.claim)
            #expect(payment.status == status)
            #expect(charge.userID == user && charge.amount == 1000 && charge.orderID == order)
            #expect(published.map(\.type) == [type] && published.map(\.causation) == [id])
            let answer: SagaEvent = user == 2 ? .paymentFailed(charge, reason: .declined) : .paymentApproved(charge)
            #expect(published.map(\.body) == [answer.encoded()])
        }
    }

    @Test(arguments: [1, 2] as [Int64])
    func `an order that comes twice is charged once; under another id it has its first answer again`(_ user: Int64) async throws {
        try await PaymentInProcess.run { service in
            let (order, id): (OrderID, EventID) = (service.newID(), service.newID())
            let first = try await service.hear(Self.created(order, user: user), id: id)
            let payment = try await Self.payment(order, at: service)
            #expect(try await service.hear(Self.created(order, user: user), id: id).isEmpty)
            let again = try await service.hear(Self.created(order, user: 1, amount: 5))
            #expect(again.map(\.eventID) == first.map(\.eventID) && again.map(\.body) == first.map(\.body))
            #expect(try await Self.payment(order, at: service) == payment)
        }
    }

    @Test(arguments: [canceled, outOfStock])
    private func `what was charged is given back when the order came to nothing, once`(_ end: @Sendable (OrderID) -> SagaEvent) async throws
    {
        try await PaymentInProcess.run { service in
            let (order, id): (OrderID, EventID) = (service.newID(), service.newID())
            let first = try await service.hear(Self.created(order))
            let charge = try #require(try await Self.payment(order, at: service)?.answer?.claim)
            let refunded = try await service.hear(end(order), id: id)
            #expect(refunded.map(\.body) == [SagaEvent.paymentRefunded(charge).encoded()])
            #expect(refunded.map(\.causation) == [id])
            for event in [Self.canceled(order), Self.outOfStock(order)] { #expect(try await service.hear(event).isEmpty) }
            #expect(try await Self.payment(order, at: service)?.status == .refunded)
            // Its first answer, not the compensation.
            #expect(try await service.hear(Self.created(order)).map(\.eventID) == first.map(\.eventID))
            #expect(try await Self.payment(order, at: service)?.status == .refunded)
        }
    }

    @Test(arguments: [canceled, outOfStock])
    private func `Fault 15, an end that is heard before the beginning: VOID, and nothing is ever charged`(
        _ end: @Sendable (OrderID) -> SagaEvent
    ) async throws {
        try await PaymentInProcess.run { service in
            let order: OrderID = service.newID()
            #expect(try await service.hear(end(order)).isEmpty)
            #expect(try await RESTClient(service).get("/payments/\(order)").text == #"{"orderId":"\#(order)","status":"VOID"}"#)
            let published = try await service.hear(Self.created(order))
            let charge = try #require(try await Self.payment(order, at: service)?.answer?.claim)
            #expect(published.map(\.body) == [SagaEvent.paymentFailed(charge, reason: .orderCanceled).encoded()])
            #expect(try await Self.payment(order, at: service)?.status == .void)
            #expect(try await RESTClient(service).get("/payments/\(order)").text == #"{"orderId":"\#(order)","status":"VOID"}"#)
        }
    }

    @Test func `what was declined is not given back`() async throws {
        try await PaymentInProcess.run { service in
            let order: OrderID = service.newID()
            try await service.hear(Self.created(order, user: 2))
            #expect(try await service.hear(Self.canceled(order)).isEmpty)
            #expect(try await Self.payment(order, at: service)?.status == .failed)
            #expect(try await service.read { try $0.inbox(of: order) }.map(\.outcome) == [.applied, .ignored])
        }
    }

    @Test func `what is not for it leaves no trace`() async throws {
        try await PaymentInProcess.run { service in
            let order: OrderID = service.newID()
            try await service.hear(Self.created(order))
            #expect(try await service.hear(.orderApproved(orderID: order)).isEmpty)
            #expect(try await service.hear(.inventoryReserved(StockClaim(orderID: order, productID: 1, quantity: 3))).isEmpty)
            #expect(try await service.read { try $0.inbox(of: order) }.count == 1)
            #expect(try await Self.payment(order, at: service)?.status == .approved)
        }
    }

    @Test func `what is purged is gone, and no late event begins it anew`() async throws {
        try await PaymentInProcess.run { service in
            let order: OrderID = service.newID()
            try await service.hear(Self.created(order))
            try await service.hear(.orderPurged(orderID: order))
            for event in [Self.created(order), Self.canceled(order)] { #expect(try await service.hear(event).isEmpty) }
            #expect(try await Self.payment(order, at: service) == nil)
            #expect(try await RESTClient(service).get("/payments/\(order)").status == 404)
            #expect(try await service.admin.get("/purged/\(order)").status == 200)
        }
    }
}
