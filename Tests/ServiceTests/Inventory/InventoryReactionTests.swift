import InventoryService
import OrderService
import PaymentService
import Saga
import SagaConfiguration
import SagaStore
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// What the inventory service makes of each event it hears: what it stores, what it publishes, what becomes of the stock.
@Suite struct InventoryReactionTests {
    private static let stock = Stock(productID: 1, available: 10)

    private static func run(_ body: @Sendable (InventoryInProcess) async throws -> Void) async throws {
        try await InventoryInProcess.run(configure: { $0.inventory.initialStock = [1: 10] }, body)
    }

    private static func created(_ order: OrderID, product: Int64 = 1, quantity: Int64 = 3) -> SagaEvent {
        .orderCreated(OrderTerms(orderID: order, userID: 1, productID: product, quantity: quantity, amount: 1000))
    }

    private static func declined(_ order: OrderID) -> SagaEvent {
        .paymentFailed(Charge(orderID: order, paymentID: PaymentID(bits: 1), userID: 1, amount: 1000), reason: .declined)
    }

    private static func canceled(_ order: OrderID) -> SagaEvent { .orderCanceled(orderID: order, reason: .canceledByClient) }

    private static func state(_ order: OrderID, at service: InventoryInProcess) async throws -> (status: ReservationStatus?, stock: Stock?)
    {
        try await service.read { (try $0.reservation(order)?.status, try $0.stock(1)) }
    }

    @Test(
        arguments: [
            (1, 10, ReservationStatus.reserved, nil), (1, 11, .rejected, InventoryFailure.outOfStock), (2, 1, .rejected, .unknownProduct),
        ] as [(Int64, Int64, ReservationStatus, InventoryFailure?)])
    func `an order is reserved for as far as there is stock`(
        _ product: Int64, _ quantity: Int64, _ status: ReservationStatus, _ failure: InventoryFailure?
    ) async throws {
        try await Self.run { service in
            let (order, id): (OrderID, EventID) = (service.newID(), service.newID())
            let published = try await service.hear(Self.created(order, product: product, quantity: quantity), id: id)
            let claim = StockClaim(orderID: order, productID: product, quantity: quantity)
            let answer: SagaEvent = failure.map { .inventoryFailed(claim, reason: $0) } ?? .inventoryReserved(claim)
            #expect(published.map(\.body) == [answer.encoded()])
            #expect(published.map(\.causation) == [id])
            let state = try await Self.state(order, at: service)
            #expect(state.status == status)
            #expect(state.stock == (failure == nil ? Stock(productID: 1, available: 0, reserved: 10) : Self.stock))
        }
    }

    @Test func `an order that comes twice is answered once; under another id it has its first answer again`() async throws {
        try await Self.run { service in
            let (order, id): (OrderID, EventID) = (service.newID(), service.newID())
            let first = try await service.hear(Self.created(order), id: id)
            #expect(try await service.hear(Self.created(order), id: id).isEmpty)
            let again = try await service.hear(Self.created(order, quantity: 7))
            #expect(again.map(\.eventID) == first.map(\.eventID) && again.map(\.body) == first.map(\.body))
            #expect(try await Self.state(order, at: service).stock == Stock(productID: 1, available: 7, reserved: 3))
        }
    }

    @Test(arguments: [canceled, declined])
    private func `what is reserved is given back when the order came to nothing, once`(_ end: @Sendable (OrderID) -> SagaEvent) async throws
    {
        try await Self.run { service in
            let (order, id): (OrderID, EventID) = (service.newID(), service.newID())
            let first = try await service.hear(Self.created(order))
            let released = try await service.hear(end(order), id: id)
            #expect(
                released.map(\.body)
                    == [SagaEvent.inventoryReleased(StockClaim(orderID: order, productID: 1, quantity: 3)).encoded()])
            #expect(released.map(\.causation) == [id])
            for event in [Self.canceled(order), Self.declined(order)] { #expect(try await service.hear(event).isEmpty) }
            let state = try await Self.state(order, at: service)
            #expect(state.status == .released && state.stock == Self.stock)
            // Its first answer, not the compensation.
            #expect(try await service.hear(Self.created(order)).map(\.eventID) == first.map(\.eventID))
            #expect(try await Self.state(order, at: service).stock == Self.stock)
        }
    }

    @Test(arguments: [canceled, declined])
    private func `Fault 15, an end that is heard before the beginning: VOID, and the order is answered with that`(
        _ end: @Sendable (OrderID) -> SagaEvent
    ) async throws {
        try await Self.run { service in
            let order: OrderID = service.newID()
            #expect(try await service.hear(end(order)).isEmpty)
            #expect(try await Self.state(order, at: service).status == .void)
            let claim = StockClaim(orderID: order, productID: 1, quantity: 3)
            let answer = SagaEvent.inventoryFailed(claim, reason: .orderCanceled)
            #expect(try await service.hear(Self.created(order)).map(\.body) == [answer.encoded()])
            let state = try await Self.state(order, at: service)
            #expect(state.status == .void && state.stock == Self.stock)
            let shown = try await RESTClient(service).get("/reservations/\(order)")
            #expect(try shown.json["status"]?.string == "VOID")
            #expect(try shown.json["quantity"] == nil)
        }
    }

    @Test func `what is approved is sold, and stays so`() async throws {
        try await Self.run { service in
            let order: OrderID = service.newID()
            try await service.hear(Self.created(order))
            for event in [.orderApproved(orderID: order), .orderApproved(orderID: order), Self.canceled(order), Self.declined(order)] {
                #expect(try await service.hear(event).isEmpty)
            }
            let state = try await Self.state(order, at: service)
            #expect(state.status == .committed && state.stock == Stock(productID: 1, available: 7, sold: 3))
            let inbox = try await service.read { try $0.inbox(of: order) }
            #expect(inbox.map(\.outcome) == [.applied, .applied, .ignored, .ignored, .ignored])
            #expect(inbox[1].transition == Transition(from: "RESERVED", to: "COMMITTED"))
        }
    }

    @Test func `an approval for which nothing is reserved is noted and warned of`() async throws {
        try await Self.run { service in
            let order: OrderID = service.newID()
            #expect(try await service.hear(.orderApproved(orderID: order)).isEmpty)
            let state = try await Self.state(order, at: service)
            #expect(state.status == nil && state.stock == Self.stock)
            #expect(service.logged("ORDER_APPROVED (ignored)") == 1)
        }
    }

    @Test func `what is purged leaves its sale, and no late event begins it anew`() async throws {
        try await Self.run { service in
            let order: OrderID = service.newID()
            try await service.hear(Self.created(order))
            // It is not over yet.
            try await service.hear(.orderPurged(orderID: order))
            #expect(try await Self.state(order, at: service).status == .reserved)
            try await service.hear(.orderApproved(orderID: order))
            try await service.hear(.orderPurged(orderID: order))
            for event in [Self.created(order), Self.canceled(order)] { #expect(try await service.hear(event).isEmpty) }
            let state = try await Self.state(order, at: service)
            #expect(state.status == nil && state.stock == Stock(productID: 1, available: 7, sold: 3))
            let books = try await service.admin.get("/stock").text
            #expect(books == #"{"products":[{"productId":1,"available":7,"reserved":0,"sold":3,"purged":3}]}"#)
        }
    }
}
