import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import SagaTestSupport
import Store
import Testing
import Wire

@Suite struct PurgedOrdersTests {
    private let directory: TestDirectory
    private let database: Database
    private let handler = EventHandler(FakeParticipant())
    private let order = OrderID(bits: 10)

    init() throws {
        directory = try TestDirectory()
        database = try Database(in: directory.path)
    }

    private func handle(_ event: SagaEvent, id: UInt128) async throws -> HandledEvent {
        let envelope = EventEnvelope(
            id: EventID(bits: id), time: nil, causation: nil, trace: TraceContext(order: event.orderID), event: event)
        return try await database.writer.write { [handler] in try handler.handle(envelope, in: $0) }
    }

    private var created: SagaEvent {
        .orderCreated(OrderTerms(orderID: order, userID: 1, productID: 1, quantity: 1, amount: 1))
    }

    @Test func `What comes after an order was purged has no effect, also under a new id`() async throws {
        #expect(try await handle(created, id: 1).outcome == .applied)
        let published = try await database.read { try $0.outboxBounds().last }
        #expect(try await handle(.orderPurged(orderID: order), id: 2).outcome == .applied)
        for (event, id) in [(created, 3), (.orderPurged(orderID: order), 4)] as [(SagaEvent, UInt128)] {
            #expect(try await handle(event, id: id).outcome == .ignored)
        }
        // The events before it, delivered once more.
        #expect(try await handle(created, id: 1).outcome == .duplicate)
        let (end, isPurged) = try await database.read { [order] in (try $0.outboxBounds().last, try $0.hasPurged(order)) }
        #expect(end == published)
        #expect(isPurged)
        // Others go on.
        let other = SagaEvent.orderCreated(OrderTerms(orderID: OrderID(bits: 11), userID: 1, productID: 1, quantity: 1, amount: 1))
        #expect(try await handle(other, id: 5).outcome == .applied)
    }

    @Test func `An order that was never heard of leaves its mark, too`() async throws {
        #expect(try await handle(.orderPurged(orderID: order), id: 1).outcome == .applied)
        #expect(try await handle(created, id: 2).outcome == .ignored)
    }

    @Test func `What is published again is queued a few at a time, each event once, and what is left is known`() async throws {
        try await database.writer.write { transaction in
            for _ in 0..<5 { try transaction.emit() }
        }
        let lane = try await database.read { try $0.lane(since: .start) }
        #expect(lane.waiting == 5)
        let later = try await database.read { try $0.lane(since: .start + 1) }
        #expect(later.waiting == 0)
        try await database.writer.write { try $0.open(lane) }
        var steps = 0
        while try await database.writer.write({ try $0.advanceLane(limit: 2) }) { steps += 1 }
        #expect(steps == 3)
        let entries = try await database.read { try $0.outbox(after: 0, limit: 100) }
        #expect(entries.count == 10)
        #expect(entries.suffix(5).map(\.eventID) == entries.prefix(5).map(\.eventID))
        let left = try await database.read { try $0.laneWaiting() }
        #expect(left == 0)
    }
}
