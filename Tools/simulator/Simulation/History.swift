import InventoryService
import PaymentService
import OrderService
import Saga
import SagaStore
import Store
import Wire

/// What really happened, kept outside of all processes: what invariants are judged by.
final class History {
    struct Told {
        let index: Int
        let service: ServiceName
        let event: SagaEvent
        let occurredAt: Timestamp
    }

    private struct Delivery: Hashable {
        let service: ServiceName
        let event: EventID
    }

    private struct Stream: Hashable {
        let reader: ServiceName
        let topic: Topic
        let order: OrderID
    }

    private struct Queue: Hashable {
        let service: ServiceName
        let order: OrderID
    }

    /// Of what an order can be told only once.
    private struct Verdict: Hashable {
        let order: OrderID
        let kind: Kind

        enum Kind { case created, decided, stock, released, money, refunded }

        /// Nil of what may be said again.
        init?(_ event: SagaEvent) {
            if event.type == .orderPurged { return nil }
            order = event.orderID
            kind =
                switch event.type {
                case .orderCreated: .created
                case .orderApproved, .orderCanceled: .decided
                case .inventoryReserved, .inventoryFailed: .stock
                case .inventoryReleased: .released
                case .paymentApproved, .paymentFailed: .money
                case .paymentRefunded: .refunded
                default: preconditionFailure("\(event.type) is no verdict")
                }
        }
    }

    struct Place: Hashable {
        let service: ServiceName
        let order: OrderID
    }

    private unowned let world: World
    private var told: [EventID: Told] = [:]
    private var foreign: Set<EventID> = []
    private var eventsOf: [OrderID: [EventID]] = [:]
    private var verdicts: [Verdict: EventID] = [:]
    private var applied: Set<Delivery> = []
    private var received: Set<Delivery> = []
    /// Received, and still in the inbox.
    private var remembered: Set<Delivery> = []
    private var progress: [Stream: Int] = [:]
    /// Of each order, what each service could not handle and what came behind that, in order of arrival.
    private var waiting: [Queue: [EventID]] = [:]
    private(set) var accepted: Set<OrderID> = []
    private var orderOfKey: [String: (order: OrderID, createdAt: Timestamp)] = [:]
    private var interruptions: [OrderID: CancelReason] = [:]
    /// When an undecided order is due in the present run of the order service: not before, and not much later.
    private var dueAt: [OrderID: Microseconds] = [:]
    /// As they were when they went.
    var purged: [OrderID: Order] = [:]
    var purgedAt: Set<Place> = []
    /// The transport has lost data, so what comes first need not be what was told first.
    var hasLostData = false

    init(world: World) {
        self.world = world
    }

    // MARK: Clients

    func placed(_ placed: OrderReactions.Placed, isNew: Bool, at node: Node) throws {
        guard isNew else { return }
        dueAt[placed.order.terms.orderID] = world.now + world.deadline
        world.note(node, "placed", UInt64(truncatingIfNeeded: placed.order.terms.orderID.bits), "\(placed.order.terms)")
        for emission in placed.handled.emissions { try tell(emission, at: node) }
    }

    func answered(_ request: ClientRequest, _ order: OrderID) throws {
        accepted.insert(order)
        guard let key = request.key else { return }
        if let first = orderOfKey[key], first.order != order { throw Violation("\(key) made two orders: \(first.order) and \(order)") }
        // The key is as old as the order, which may have been answered much later.
        let createdAt = try world.desk.node.snapshot.order(order)?.createdAt ?? world.desk.node.clock
        if orderOfKey[key] == nil { orderOfKey[key] = (order, createdAt) }
    }

    // MARK: Deadlines

    /// Only from one run to the next the stored time counts.
    func restarted(_ node: Node, _ pending: [(id: OrderID, createdAt: Timestamp)]) {
        dueAt = [:]
        for (id, createdAt) in pending {
            let age = max(0, node.clock.microseconds - createdAt.microseconds)
            dueAt[id] = max(world.now, world.now - age + world.deadline)
        }
    }

    func interrupted(_ order: OrderID, by reason: CancelReason) throws {
        interruptions[order] = reason
        if reason == .deadlineExceeded, world.now < dueAt[order] ?? .max {
            throw Violation("the deadline of order \(order) had not passed yet")
        }
        dueAt[order] = nil
    }

    /// Nobody waits longer than the deadline, and a moment for an order before it in the queue.
    func checkDeadlines() throws {
        guard world.desk.node.isUp else { return }
        for (order, due) in dueAt where world.now > due + .milliseconds(100) {
            guard try world.desk.node.snapshot.order(order)?.status == .pending else {
                dueAt[order] = nil
                continue
            }
            throw Violation("the deadline of order \(order) has passed, and it is still PENDING")
        }
    }

    // MARK: Events

    func tell(_ emission: Emission, at node: Node) throws {
        if let earlier = told[emission.id] {
            guard earlier.event == emission.event else { throw Violation("\(emission.id) names two events") }
            return
        }
        if let verdict = Verdict(emission.event), let first = verdicts.updateValue(emission.id, forKey: verdict) {
            throw Violation(
                "\(node.service) said \(emission.event.type.rawValue) under \(emission.id) after it had answered under \(first)")
        }
        told[emission.id] = Told(index: told.count, service: node.service, event: emission.event, occurredAt: node.clock)
        eventsOf[emission.event.orderID, default: []].append(emission.id)
    }

    func told(byForeigner id: EventID) {
        foreign.insert(id)
    }

    /// What a service made of what was delivered to it; durable.
    func handled(_ event: HandledEvent, at node: Node) throws {
        guard let envelope = event.envelope else { throw Violation("dead letter: \(event.cause?.reason ?? "")") }
        let delivery = Delivery(service: node.service, event: envelope.id)
        world.note(
            node, "handled", UInt64(truncatingIfNeeded: envelope.id.bits),
            "\(envelope.event.type.rawValue) \(envelope.id) of \(envelope.event.orderID): \(event.outcome.rawValue) "
                + (event.transition?.description ?? ""))

        try checkQueue(event, envelope, at: node)
        if event.outcome == .deadLettered { return }
        if remembered.contains(delivery), event.outcome != .duplicate || !event.emissions.isEmpty {
            throw Violation("\(node.service) took \(envelope.id) for new although it had received it before")
        }
        if event.outcome == .applied, !applied.insert(delivery).inserted {
            throw Violation("\(envelope.event.type.rawValue) \(envelope.id) had two effects at \(node.service)")
        }
        if received.contains(delivery), !remembered.contains(delivery) { world.happened(.staleDuplicate, at: node) }
        if !received.contains(delivery) { try noteFirst(delivery, envelope) }
        let order = envelope.event.orderID
        if envelope.event.type == .orderPurged, event.outcome == .applied {
            try purged(order, from: event.transition?.from, at: node.service)
        }
        // What comes of an order that is gone leaves no trace, and neither does a purge for which it is too early.
        if event.outcome != .ignored || !isPurged(order, at: node.service) && envelope.event.type != .orderPurged {
            remembered.insert(delivery)
        }
        for emission in event.emissions { try tell(emission, at: node) }
    }

    /// What could not be handled and what came behind it for the same order is handled in order of arrival, whatever comes meanwhile.
    private func checkQueue(_ event: HandledEvent, _ envelope: EventEnvelope, at node: Node) throws {
        let queue = Queue(service: node.service, order: envelope.event.orderID)
        let isWaiting = waiting[queue, default: []].contains(envelope.id)
        switch event.outcome {
        case .deadLettered:
            guard event.cause?.kind == .parked || node.isObstructed else { throw Violation("dead letter: \(event.cause?.reason ?? "")") }
            guard !remembered.contains(Delivery(service: node.service, event: envelope.id)) else {
                throw Violation("\(envelope.id) waits at \(node.service) although it had been received before")
            }
            world.happened(event.cause?.kind == .parked ? .parking : .obstacle, at: node)
            if !isWaiting { waiting[queue, default: []].append(envelope.id) }
        case .applied, .ignored, .duplicate:
            if isWaiting, waiting[queue]?.first == envelope.id {
                waiting[queue]?.removeFirst()
            } else if isWaiting
                || waiting[queue]?.isEmpty == false && !remembered.contains(Delivery(service: node.service, event: envelope.id))
            {
                throw Violation("\(envelope.event.type.rawValue) \(envelope.id) overtook what waits at \(node.service)")
            }
        }
    }

    func checkRest() throws {
        for (queue, events) in waiting where !events.isEmpty {
            throw Violation("\(events.count) events of order \(queue.order) still wait at \(queue.service)")
        }
    }

    private func noteFirst(_ delivery: Delivery, _ envelope: EventEnvelope) throws {
        let event = envelope.event
        received.insert(delivery)
        try checkOrigin(envelope)
        guard let told = told[delivery.event] else {
            guard !foreign.contains(delivery.event) else { return }
            throw Violation("\(event.type.rawValue) came under an id that nobody gave it")
        }
        let stream = Stream(reader: delivery.service, topic: event.type.topic, order: event.orderID)
        if let last = progress[stream], last > told.index, !hasLostData {
            throw Violation("\(event.type.rawValue) came to \(delivery.service) behind what was told after it")
        }
        progress[stream] = told.index
        let isAhead = eventsOf[event.orderID, default: []].contains { id in
            let other = self.told[id]!
            return other.index < told.index && other.service != told.service && isMissing(id, at: delivery.service)
        }
        if isAhead { world.happened(.reordering) }
    }

    /// One trace for the whole saga, and every event says which other one it came of.
    private func checkOrigin(_ envelope: EventEnvelope) throws {
        let order = envelope.event.orderID
        guard envelope.trace == TraceContext(order: order) else {
            throw Violation("\(envelope.id) is of another trace than its order \(order)")
        }
        guard let causation = envelope.causation else {
            guard envelope.event.isSpontaneous else { throw Violation("\(envelope.event.type.rawValue) \(envelope.id) has no cause") }
            return
        }
        guard told[causation]?.event.orderID == order || foreign.contains(causation) else {
            throw Violation("\(envelope.id) names \(causation) as its cause, which is no event of its order")
        }
    }

    private func isMissing(_ event: EventID, at service: ServiceName) -> Bool {
        Choreography.reacts(service, to: told[event]!.event.type) && !received.contains(Delivery(service: service, event: event))
    }

    // MARK: Retention

    /// The time of the oldest event that somebody still has to hear of. Retention is longer than that may take.
    var oldestUnsettled: Timestamp? {
        told.filter { id, _ in ServiceName.allCases.contains { isMissing(id, at: $0) } }.values.map(\.occurredAt).min()
    }

    func deletedInbox(of service: ServiceName, remaining: Set<EventID>) {
        remembered = remembered.filter { $0.service != service || remaining.contains($0.event) }
    }

    func deletedKeys(before cutoff: Timestamp) {
        orderOfKey = orderOfKey.filter { $0.value.createdAt >= cutoff }
    }

    // MARK: Truth

    /// The cause of a cancellation is one that somebody stated, not an echo of it.
    func isTrue(_ reason: CancelReason, of order: OrderID) -> Bool {
        let events = eventsOf[order, default: []].map { told[$0]!.event }
        return switch reason {
        case .paymentFailed: events.contains { $0.type == .paymentFailed && $0.reason == "DECLINED" }
        case .inventoryFailed:
            events.contains { $0.type == .inventoryFailed && ($0.reason == "OUT_OF_STOCK" || $0.reason == "UNKNOWN_PRODUCT") }
        case .canceledByClient, .deadlineExceeded: interruptions[order] == reason
        }
    }
}

extension SagaEvent {
    /// What a client or a deadline decides has no event for a cause.
    fileprivate var isSpontaneous: Bool {
        type == .orderCreated || type == .orderPurged
            || type == .orderCanceled && (reason == "CANCELED_BY_CLIENT" || reason == "DEADLINE_EXCEEDED")
    }
}
