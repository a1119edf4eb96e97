import SagaTestSupport
import InventoryService
import OrderService
import PaymentService
import Saga
import Wire

/// The three participants, their topics and what can go wrong between them, in memory and as a value: a model checker copies it,
/// makes a move and looks at what came of it.
///
/// Every order's records keep their order within a topic; across topics anything goes.
struct SagaWorld: Hashable {
    struct Setting: Hashable {
        var declinedUsers: Set<Int64> = []
        /// Whether processed event ids are remembered. Without them the state machines alone must absorb what comes again.
        var remembersEvents = true
        /// Whether a gateway outside is asked, which answers at any moment.
        var isExternal = false
        /// What may happen to a pending order, at any moment.
        var interruptions: Set<CancelReason> = []
    }

    struct Record: Equatable {
        let id: EventID
        let event: SagaEvent
        /// A copy under a new id, which no participant made.
        let forged: Bool
    }

    /// What a service has read of a topic, for one order.
    struct Reader: Hashable {
        let service: ServiceName
        let topic: Topic

        static let all = ServiceName.allCases.flatMap { service in
            Choreography.subscriptions(of: service).map { Reader(service: service, topic: $0) }
        }
    }

    struct Saga: Equatable {
        var order: Order
        var reservation: Reservation?
        var payment: Payment?
        var records: [Topic: [Record]] = [:]
        var position: [Reader: Int] = [:]
        var processed: [ServiceName: Set<EventID>] = [:]
        var interruption: CancelReason?
    }

    enum Move: Hashable {
        case deliver(Int, Reader)
        case interrupt(Int, CancelReason)
        /// The gateway answers what it is asked.
        case settle(Int)
        /// An old record comes to one reader again, under its id.
        case redeliver(Int, Reader, index: Int)
        /// An old record is in its topic again, for all readers, under a new id.
        case forge(Int, Topic, index: Int)
    }

    struct Violation: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    private(set) var sagas: [Saga] = []
    private(set) var stock: [Int64: Stock]
    private(set) var mischiefLeft: Int
    let setting: Setting
    private let goods: [Int64: Int64]

    /// - Parameter mischief: how many records may come again.
    init(stock: [Int64: Int64], setting: Setting, mischief: Int) {
        self.stock = Dictionary(uniqueKeysWithValues: stock.map { ($0, Stock(productID: $0, available: $1)) })
        goods = stock
        self.setting = setting
        mischiefLeft = mischief
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(mischiefLeft)
        for saga in sagas {
            hasher.combine(saga.order.status.name)
            for reader in Reader.all { hasher.combine(saga.position[reader]) }
            for topic in Topic.allCases { hasher.combine(saga.records[topic]?.last?.id) }
        }
    }

    mutating func place(userID: Int64, productID: Int64, quantity: Int64) throws(Violation) {
        let index = sagas.count
        let orderID = OrderID(bits: UInt128(index + 1))
        let terms = OrderTerms(orderID: orderID, userID: userID, productID: productID, quantity: quantity, amount: 100)
        var context = context(.order, index, made: 0)
        let placed = Order.place(terms, &context)
        guard let order = placed.state else { throw Violation("an order was not placed") }
        sagas.append(Saga(order: order))
        try say(placed.emissions, as: .order, in: index, allowed: Choreography.mayEmit(.order, on: nil))
    }

    // MARK: Moves

    var moves: [Move] {
        sagas.indices.flatMap { moves(of: $0) + (mischiefLeft > 0 ? mischief(with: $0) : []) }
    }

    var isAtRest: Bool {
        sagas.indices.allSatisfy { index in !moves(of: index).contains { if case .interrupt = $0 { false } else { true } } }
    }

    private func moves(of index: Int) -> [Move] {
        let saga = sagas[index]
        var moves: [Move] = Reader.all
            .filter { saga.position[$0, default: 0] < saga.records[$0.topic, default: []].count }
            .map { .deliver(index, $0) }
        if saga.payment?.question != nil { moves.append(.settle(index)) }
        if case .pending = saga.order.status { moves += setting.interruptions.map { .interrupt(index, $0) } }
        return moves
    }

    private func mischief(with index: Int) -> [Move] {
        let saga = sagas[index]
        return Topic.allCases.flatMap { topic in saga.records[topic, default: []].indices.map { .forge(index, topic, index: $0) } }
            + Reader.all.flatMap { reader in (0..<saga.position[reader, default: 0]).map { .redeliver(index, reader, index: $0) } }
    }

    mutating func make(_ move: Move) throws(Violation) {
        let before = self
        switch move {
        case .deliver(let index, let reader):
            let position = sagas[index].position[reader, default: 0]
            sagas[index].position[reader] = position + 1
            try receive(sagas[index].records[reader.topic]![position], at: reader.service, in: index)
        case .redeliver(let index, let reader, let position):
            mischiefLeft -= 1
            try receive(sagas[index].records[reader.topic]![position], at: reader.service, in: index)
        case .forge(let index, let topic, let position):
            mischiefLeft -= 1
            let count = sagas[index].records[topic]!.count
            let id = EventID(bits: 1 << 127 | UInt128(index) << 32 | UInt128(Topic.allCases.firstIndex(of: topic)!) << 16 | UInt128(count))
            let event = sagas[index].records[topic]![position].event
            sagas[index].records[topic]!.append(Record(id: id, event: event, forged: true))
        case .settle(let index):
            var context = context(.payment, index)
            guard let payment = sagas[index].payment, let question = payment.question else { return }
            let (outcome, trigger): (GatewayOutcome, EventType) =
                switch question {
                case .charge(let charge): (setting.declinedUsers.contains(charge.userID) ? .declined : .approved, .orderCreated)
                case .refund: (.refunded, .orderCanceled)
                }
            let reaction = payment.settle(outcome, &context)
            if let payment = reaction.state { sagas[index].payment = payment }
            try say(reaction.emissions, as: .payment, in: index, allowed: Choreography.mayEmit(.payment, on: trigger))
        case .interrupt(let index, let reason):
            var context = context(.order, index)
            let reaction = sagas[index].order.cancel(reason, &context)
            if reaction.outcome == .applied { sagas[index].interruption = reason }
            if let order = reaction.state { sagas[index].order = order }
            try say(reaction.emissions, as: .order, in: index, allowed: Choreography.mayEmit(.order, on: nil))
        }
        try checkStep(from: before)
    }

    private mutating func receive(_ record: Record, at service: ServiceName, in index: Int) throws(Violation) {
        guard Choreography.reacts(service, to: record.event.type) else { return }
        if setting.remembersEvents {
            guard sagas[index].processed[service, default: []].insert(record.id).inserted else { return }
        }
        var context = context(service, index)
        let emissions: [Emission]
        switch service {
        case .order:
            let reaction = Order.react(sagas[index].order, to: record.event, &context)
            if let order = reaction.state { sagas[index].order = order }
            emissions = reaction.emissions
        case .inventory:
            let productID = sagas[index].order.terms.productID
            let state = InventoryState(reservation: sagas[index].reservation, stock: stock[productID])
            let reaction = state.react(to: record.event, &context)
            if let state = reaction.state {
                sagas[index].reservation = state.reservation
                stock[productID] = state.stock
            }
            emissions = reaction.emissions
        case .payment:
            let declined = setting.declinedUsers
            let decision: ChargeDecision = setting.isExternal ? .external : .simulated(declines: declined.contains)
            let reaction = Payment.react(sagas[index].payment, to: record.event, decision: decision, &context)
            if let payment = reaction.state { sagas[index].payment = payment }
            emissions = reaction.emissions
        default: throw Violation("\(service) has no place in this world")
        }
        try say(emissions, as: service, in: index, allowed: Choreography.mayEmit(service, on: record.event.type))
    }

    private mutating func say(
        _ emissions: [Emission], as service: ServiceName, in index: Int, allowed: Set<EventType>
    ) throws(Violation) {
        for emission in emissions {
            guard allowed.contains(emission.event.type), emission.event.type.topic == service.topic else {
                throw Violation("\(service) said \(emission.event.type), which is not declared")
            }
            let earlier = sagas[index].records[service.topic, default: []].first { $0.id == emission.id }
            guard earlier == nil || earlier?.event == emission.event else { throw Violation("one id names two events") }
            sagas[index].records[service.topic, default: []].append(Record(id: emission.id, event: emission.event, forged: false))
        }
    }

    /// Ids come from who speaks and how much was said, so that worlds which differ only in their past are equal.
    private func context(_ service: ServiceName, _ index: Int, made: Int? = nil) -> DecisionContext {
        let made = made ?? sagas[index].records[service.topic, default: []].count
        let speaker = ServiceName.allCases.firstIndex(of: service)!
        let now = Timestamp(milliseconds: Int64(1_780_000_000_000 + index * 1_000_000 + speaker * 10_000 + made))
        return DecisionContext(now: now, ids: IDGenerator(random: ConstantNumbers()))
    }

    // MARK: What always holds

    private func checkStep(from before: SagaWorld) throws(Violation) {
        for (was, saga) in zip(before.sagas, sagas) where was.order.status != .pending && was.order.status != saga.order.status {
            throw Violation("a final status changed from \(was.order.status) to \(saga.order.status)")
        }
        for (productID, total) in goods {
            guard let stock = stock[productID], stock.available >= 0, stock.reserved >= 0, stock.sold >= 0,
                stock.available + stock.reserved + stock.sold == total
            else { throw Violation("the stock of product \(productID) is not conserved") }
        }
    }

    /// What holds when nothing is under way any more.
    func checkRest() throws(Violation) {
        for saga in sagas {
            try saga.checkRest()
        }
        for (productID, stock) in stock {
            let sold = sagas.filter { $0.order.status == .approved && $0.order.terms.productID == productID }
                .reduce(0) { $0 + $1.order.terms.quantity }
            guard stock.reserved == 0, stock.sold == sold else { throw Violation("the stock of product \(productID) is not what was sold") }
        }
    }
}

extension SagaWorld.Saga {
    typealias Violation = SagaWorld.Violation

    func checkRest() throws(Violation) {
        guard order.waitingFor.isEmpty else { throw Violation("still waiting for \(order.waitingFor)") }
        switch (order.status, reservation?.status, payment?.status) {
        case (.approved, .committed, .approved): break
        case (.canceled(let reason), .released, .refunded), (.canceled(let reason), .released, .failed),
            (.canceled(let reason), .released, .void), (.canceled(let reason), .rejected, .refunded),
            (.canceled(let reason), .rejected, .failed), (.canceled(let reason), .rejected, .void),
            (.canceled(let reason), .void, .refunded), (.canceled(let reason), .void, .failed), (.canceled(let reason), .void, .void):
            guard isTrue(reason) else { throw Violation("\(reason) was never so") }
        default:
            throw Violation("at rest with \(order.status), \(reservation?.status as Any), \(payment?.status as Any)")
        }
        for (verdicts, count) in [
            ([EventType.orderCreated], 1...1), ([.orderApproved, .orderCanceled], 1...1),
            ([.inventoryReserved, .inventoryFailed], 1...1), ([.inventoryReleased], 0...1),
            ([.paymentApproved, .paymentFailed], 1...1), ([.paymentRefunded], 0...1),
        ] {
            let ids = Set(said.filter { verdicts.contains($0.event.type) }.map(\.id))
            guard count.contains(ids.count) else { throw Violation("\(verdicts) were said \(ids.count) times") }
        }
    }

    private var said: [SagaWorld.Record] {
        records.values.joined().filter { !$0.forged }
    }

    /// The cause of a cancellation is one that somebody stated, not an echo of it.
    private func isTrue(_ reason: CancelReason) -> Bool {
        switch reason {
        case .paymentFailed: said.contains { $0.event.type == .paymentFailed && $0.event.reason == "DECLINED" }
        case .inventoryFailed:
            said.contains { $0.event.type == .inventoryFailed && ["OUT_OF_STOCK", "UNKNOWN_PRODUCT"].contains($0.event.reason) }
        case .canceledByClient, .deadlineExceeded: interruption == reason
        }
    }
}
