import KafkaTransport
import Saga
import SagaStore
import Testing
import Wire

@testable import InventoryService
@testable import OrderService
@testable import PaymentService
@testable import Store

/// What the participants and the transports keep comes back as it went in.
@Suite struct ParticipantTableTests {
    private static let order = OrderID(bits: 7)

    @Test(arguments: TestEngine.allCases)
    func `Payments, and what a gateway is still to be asked`(engine: TestEngine) async throws {
        let place = try await engine.place()
        let database = try place.database(schema: .payment)
        let charge = Charge(orderID: Self.order, paymentID: PaymentID(bits: 8), userID: 9, amount: 10, isExternal: true)
        for status in PaymentStatus.allCases {
            for failure in [nil, PaymentFailure.declined] {
                let payment = Payment(
                    orderID: Self.order, status: status, answer: .init(eventID: EventID(bits: 1), claim: charge, failure: failure))
                try await database.writer.write { try $0.save(payment) }
                #expect(try await database.read { try $0.payment(Self.order) } == payment)
            }
        }
        let void = Payment(orderID: OrderID(bits: 6), status: .void, answer: nil)
        try await database.writer.write { try $0.save(void) }
        let all = try await database.read { try $0.payments(before: nil, limit: 10) }
        #expect(all.map(\.state.orderID.bits) == [7, 6] && all[1].state == void && all[1].createdAt == nil)
        for causes in [
            SettlementCauses(charge: EventID(bits: 3), refund: nil, trace: TraceContext(traceID: 4)),
            SettlementCauses(charge: nil, refund: EventID(bits: 5), trace: TraceContext(traceID: 4)),
        ] {
            try await database.writer.write { try $0.save(causes, of: Self.order) }
            #expect(try await database.read { try $0.settlementCauses(of: Self.order) } == causes)
        }
        #expect(try await database.read { try $0.unsettledPayments() } == [Self.order])
        try await database.writer.write {
            try $0.forgetSettlement(of: Self.order)
            try $0.deletePayment(of: Self.order)
        }
        #expect(try await database.read { try $0.unsettledPayments().isEmpty && $0.payment(Self.order) == nil })
    }

    @Test(arguments: TestEngine.allCases)
    func `Stock, and what is held of it`(engine: TestEngine) async throws {
        let place = try await engine.place()
        let database = try place.database(schema: .inventory)
        let stock = Stock(productID: 1, available: JSONObject.largestInteger, reserved: 0, sold: 0)
        let claim = StockClaim(orderID: Self.order, productID: 2, quantity: 3)
        let sold = Reservation(
            orderID: Self.order, status: .committed, answer: .init(eventID: EventID(bits: 1), claim: claim, failure: nil))
        let void = Reservation(orderID: OrderID(bits: 6), status: .void, answer: nil)
        try await database.writer.write { transaction in
            try transaction.save(stock)
            _ = try transaction.setAvailable(5, of: 2)
            for _ in 0..<2 { try transaction.save(sold) }
            try transaction.save(void)
        }
        #expect(try await database.read { try $0.allStock().map(\.available) } == [JSONObject.largestInteger, 5])
        let changed = Stock(productID: 1, available: 7, reserved: 8, sold: 9)
        try await database.writer.write { try $0.save(changed) }
        #expect(try await database.read { try $0.stock(1) } == changed)
        #expect(try await database.read { try $0.reservation(Self.order) } == sold)
        let all = try await database.read { try $0.reservations(before: nil, limit: 10) }
        #expect(all.map(\.state) == [sold, void] && all[0].updatedAt == .start)
        try await database.writer.write { transaction in
            for _ in 0..<2 { try transaction.delete(sold) }
        }
        #expect(try await database.read { try $0.purgedSales(of: 2) } == 6)
        #expect(try await database.read { try $0.allStockWithPurged().map(\.purged) } == [0, 6])
    }

    @Test(arguments: TestEngine.allCases)
    func `Idempotency keys, and the deliveries of webhooks`(engine: TestEngine) async throws {
        let place = try await engine.place()
        let database = try place.database(schema: .order)
        let keys = try ["B", "a", "b", "~"].map { try IdempotencyKey($0) }
        try await database.writer.write { transaction in
            for key in keys { try transaction.remember(key, request: Array(key.text.utf8), order: Self.order) }
            for position in 1...3 as ClosedRange<Int64> { try transaction.insertDelivery(of: Self.order, decidedAt: position) }
            for position in [3, 4] as [Int64] { try transaction.saveWebhookPosition(position) }
        }
        // Their pages go by the bytes of the keys.
        #expect(try await database.writer.write { try $0.digestRequests(of: 1, after: "", limit: 2) } == "a")
        #expect(try await database.writer.write { try $0.digestRequests(of: 1, after: "a", limit: 3) } == nil)
        #expect(try await database.writer.write { try $0.deleteIdempotencyKeys(before: .start, limit: 1) } == false)
        #expect(try await database.writer.write { try $0.deleteIdempotencyKeys(before: Timestamp.start + 1, limit: 4) })
        #expect(try await database.read { try $0.webhookPosition() } == 4)

        let new = try await database.read { try $0.newDeliveries(behind: 0, limit: 10) }
        #expect(new.map(\.position) == [1, 2, 3])
        try await database.writer.write { transaction in
            try transaction.postpone(new[0], until: Timestamp.start + 5, because: "é")
            try transaction.postpone(new[1], until: nil, because: "gone")
            try transaction.postpone(new[2], until: Timestamp.start + 9, because: "later")
        }
        let counts = try await database.read { try $0.webhookCounts() }
        #expect(counts.pending == 2 && counts.givenUp == 1)
        #expect(try await database.read { try $0.dueDeliveries(at: Timestamp.start + 5, limit: 9).map(\.position) } == [1])
        #expect(try await database.read { try $0.nextDelivery(after: .start) } == Timestamp.start + 5)
        try await database.writer.write { try $0.deleteDelivery(3) }
        #expect(try await database.writer.write { try $0.sendAgain(limit: 9) } == 1)
        #expect(try await database.writer.write { try $0.forgetDeliveries(limit: 9) } == 0)
    }

    @Test(arguments: TestEngine.allCases)
    func `What is known of a broker's topics`(engine: TestEngine) async throws {
        let place = try await engine.place()
        let database = try place.database()
        let partition = PartitionName(topic: "order-events", partition: 3)
        let bookmarks = [
            Bookmark(offset: 1, identity: 2, note: "note"), Bookmark(offset: 2, identity: nil), Bookmark(offset: 3, identity: 4),
        ]
        try await database.writer.write { transaction in
            for tables in try SourceStatements.tables() { try transaction.connection.execute(tables) }
        }
        for bookmark in bookmarks {
            try await database.writer.write { try $0.saveBookmark(bookmark, in: partition) }
            #expect(try await database.read { try $0.bookmarks() } == [partition: bookmark])
        }
        for request in ["1", "2"] { try await database.writer.write { try $0.saveAnswered(request, of: "payment") } }
        #expect(try await database.read { try $0.answeredRequests() } == ["payment": "2"])
        for offsets in [[0: 1, 1: 2], [1: 3]] as [[Int32: Int64]] {
            try await database.writer.write { try $0.saveConfirmed(offsets) }
            #expect(try await database.read { try $0.confirmedOffsets() } == offsets)
        }
        for republication in [Republication(until: 5), nil] {
            try await database.writer.write { try $0.save(republication) }
            #expect(try await database.read { try $0.republication() } == republication)
        }
    }
}
