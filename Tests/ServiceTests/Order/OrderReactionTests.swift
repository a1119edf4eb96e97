import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// What the order service makes of each event it hears: what it stores, what it publishes, what its clients see.
@Suite struct OrderReactionTests {
    /// An event of a peer about an order.
    private enum Said: CaseIterable {
        case reserved, outOfStock, stockEcho, released, paid, declined, paymentEcho, refunded

        func event(of terms: OrderTerms) -> SagaEvent {
            let claim = StockClaim(orderID: terms.orderID, productID: terms.productID, quantity: terms.quantity)
            let charge = Charge(
                orderID: terms.orderID, paymentID: PaymentID(bits: terms.orderID.bits), userID: terms.userID, amount: terms.amount)
            return switch self {
            case .reserved: .inventoryReserved(claim)
            case .outOfStock: .inventoryFailed(claim, reason: .outOfStock)
            case .stockEcho: .inventoryFailed(claim, reason: .orderCanceled)
            case .released: .inventoryReleased(claim)
            case .paid: .paymentApproved(charge)
            case .declined: .paymentFailed(charge, reason: .declined)
            case .paymentEcho: .paymentFailed(charge, reason: .orderCanceled)
            case .refunded: .paymentRefunded(charge)
            }
        }
    }

    private static func place(_ service: OrderInProcess) async throws -> OrderTerms {
        let id = try #require(OrderID(try await RESTClient(service).place()))
        return try #require(try await service.read { try $0.order(id) }).terms
    }

    /// Says these of a new order, and gives back what came of it.
    private func course(_ said: [Said]) async throws -> (order: Order, published: [EventType], outcomes: [HandledEvent.Outcome]) {
        try await OrderInProcess.run { service in
            let terms = try await Self.place(service)
            for event in said { try await service.hear(event.event(of: terms)) }
            let (order, inbox) = try await service.read { (try $0.order(terms.orderID), try $0.inbox(of: terms.orderID)) }
            return (try #require(order), service.published().dropFirst().map(\.type), inbox.map(\.outcome))
        }
    }

    @Test func `each event that is new leaves its fact, and what it decides`() async throws {
        let expected: [(Said, OrderStatus, InventoryFact, PaymentFact, [EventType], String?)] = [
            (.reserved, .pending, .reserved, .unknown, [], nil),
            (.outOfStock, .canceled(.inventoryFailed), .failed, .unknown, [.orderCanceled], "OUT_OF_STOCK"),
            (.stockEcho, .pending, .failed, .unknown, [], nil),
            (.released, .pending, .released, .unknown, [], nil),
            (.paid, .pending, .unknown, .approved, [], nil),
            (.declined, .canceled(.paymentFailed), .unknown, .failed, [.orderCanceled], "DECLINED"),
            (.paymentEcho, .pending, .unknown, .failed, [], nil),
            (.refunded, .pending, .unknown, .refunded, [], nil),
        ]
        for (said, status, inventory, payment, published, detail) in expected {
            let course = try await course([said])
            #expect(course.order.status == status, "\(said)")
            #expect(course.order.inventory == inventory && course.order.payment == payment, "\(said)")
            #expect(course.order.detail == detail, "\(said)")
            #expect(course.published == published, "\(said)")
            #expect(course.outcomes == [.applied], "\(said)")
        }
    }

    @Test(arguments: [[Said.reserved, .paid], [.paid, .reserved]])
    private func `stock and money together approve, in either order`(_ said: [Said]) async throws {
        let course = try await course(said)
        #expect(course.order.status == .approved)
        #expect(course.published == [.orderApproved])
        #expect(course.order.isAtRest)
    }

    @Test(arguments: [
        ([Said.declined, .paid, .reserved], OrderStatus.canceled(.paymentFailed), [EventType.orderCanceled]),
        ([.outOfStock, .declined], .canceled(.inventoryFailed), [.orderCanceled]),
        ([.declined, .outOfStock], .canceled(.paymentFailed), [.orderCanceled]),
        ([.reserved, .declined, .released], .canceled(.paymentFailed), [.orderCanceled]),
        ([.reserved, .paid, .declined, .outOfStock, .refunded, .released], .approved, [.orderApproved]),
        ([.stockEcho, .paymentEcho], .pending, []),
    ])
    private func `the first decision stays, whatever comes late`(
        _ said: [Said], _ status: OrderStatus, _ published: [EventType]
    ) async throws {
        let course = try await course(said)
        #expect(course.order.status == status)
        #expect(course.published == published)
    }

    @Test(arguments: Said.allCases)
    private func `an event that comes twice has one effect`(_ said: Said) async throws {
        try await OrderInProcess.run { service in
            let terms = try await Self.place(service)
            let id: EventID = service.newID()
            let first = try await service.hear(said.event(of: terms), id: id)
            let order = try await service.read { try $0.order(terms.orderID) }
            #expect(try await service.hear(said.event(of: terms), id: id).isEmpty)
            #expect(try await service.read { try $0.order(terms.orderID) } == order)
            let inbox = try await service.read { try $0.inbox(of: terms.orderID) }
            #expect(inbox.count == 1 && inbox[0].eventID == id && inbox[0].duplicateAt != nil)
            for event in first { #expect(event.causation == id && event.trace == TraceContext(order: terms.orderID)) }
        }
    }

    @Test(arguments: Said.allCases)
    private func `of an order that is not known here an event is noted, and nothing else`(_ said: Said) async throws {
        try await OrderInProcess.run { service in
            let terms = OrderTerms(orderID: service.newID(), userID: 1, productID: 1, quantity: 1, amount: 1)
            #expect(try await service.hear(said.event(of: terms)).isEmpty)
            let (order, inbox) = try await service.read { (try $0.order(terms.orderID), try $0.inbox(of: terms.orderID)) }
            #expect(order == nil && inbox.map(\.outcome) == [.ignored])
        }
    }

    @Test func `an event that is not for it leaves no trace`() async throws {
        try await OrderInProcess.run { service in
            let terms = try await Self.place(service)
            #expect(try await service.hear(.orderApproved(orderID: terms.orderID)).isEmpty)
            #expect(try await service.read { try $0.inbox(of: terms.orderID) }.isEmpty)
        }
    }

    @Test func `what is no event is a dead letter, and the next one has its effect`() async throws {
        try await OrderInProcess.run { service in
            let terms = try await Self.place(service)
            let bad = IncomingRecord(
                topic: "payment-events", partition: 3, offset: 17, key: nil,
                attributes: .headers([.init(name: "ce_id", value: Array("no UUID".utf8))]), value: Said.paid.event(of: terms).encoded())
            try await service.hear(bad)
            try await service.hear(Said.declined.event(of: terms))
            let letters = try await service.admin.get("/dead-letters").json["deadLetters"]?.array
            #expect(letters?.count == 1)
            #expect(letters?.first?["kind"]?.string == "malformed-id")
            #expect(letters?.first?["topic"]?.string == "payment-events" && letters?.first?["offset"]?.integer == 17)
            #expect(try await service.read { try $0.order(terms.orderID) }?.status == .canceled(.paymentFailed))
        }
    }
}
