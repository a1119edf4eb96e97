import PaymentService
import Saga
import SagaStore
import Store
import Synchronization
import Wire

/// What the payment service does besides handling events: it asks the gateway, by the real queue, until it knows.
final class PaymentDesk {
    let node: Node
    private let reactions: PaymentReactions
    private let intents: Intents
    private let gateway: SimulatedGateway
    private unowned let world: World
    private var queue = GatewayQueue<SimulatedInstant>()
    private var alarm: Microseconds?
    /// About whom the gateway is asked at the moment.
    private var asked: Set<OrderID> = []
    private var attempts: [OrderID: Int] = [:]

    private static let timeout = Microseconds.milliseconds(1000)

    init(node: Node, reactions: PaymentReactions, intents: Intents, gateway: SimulatedGateway, world: World) {
        self.node = node
        self.reactions = reactions
        self.intents = intents
        self.gateway = gateway
        self.world = world
        node.willStart.append { [unowned self] in try begin() }
        node.didCommit.append { [unowned self] in try takeIntents() }
    }

    /// A new process knows only what is on disk.
    private func begin() throws {
        queue = GatewayQueue()
        alarm = nil
        asked = []
        _ = intents.take()
        if world.mutant != .forgetsIntents { for order in try node.snapshot.unsettledPayments() { queue.add(order) } }
        try work()
    }

    private func takeIntents() throws {
        let orders = intents.take()
        guard !orders.isEmpty else { return }
        for order in orders { queue.add(order) }
        try work()
    }

    private func work() throws {
        while true {
            switch queue.next(at: SimulatedInstant(world.now)) {
            case .ask(let order): try ask(order)
            case .wait(let until):
                guard let until, alarm.map({ until.time < $0 || $0 <= world.now }) ?? true else { return }
                alarm = until.time
                return node.after(max(0, until.time - world.now)) { [self] in try work() }
            }
        }
    }

    private func ask(_ order: OrderID) throws {
        guard let payment = try node.snapshot.payment(order), let question = question(payment) else { return queue.settled(order) }
        guard asked.insert(order).inserted else { throw Violation("the gateway is asked about order \(order) twice at a time") }
        attempts[order, default: 0] += 1
        let run = node.run
        var isOpen = true
        let heard = { [self] (answer: GatewayAnswer) in
            guard isOpen, run == node.run else { return }
            isOpen = false
            asked.remove(order)
            try take(answer, about: order)
            try work()
        }
        node.after(PaymentDesk.timeout) {
            try heard(self.world.mutant == .declinesOnTimeout ? .known(.declined) : .unknown("no answer in time"))
        }
        gateway.receive(question) { [node] answer in
            guard run == node.run else { return }
            node.after(0) { try heard(answer) }
        }
        if world.mutant == .asksTwiceAtATime { try ask(order) }
    }

    private func question(_ payment: Payment) -> GatewayQuestion? {
        switch (world.mutant, payment.question) {
        case (.refundsBeforeSettled, .charge(let charge)?) where payment.status == .unwanted: return .refund(charge)
        case (.retriesUnderNewKey, .charge(var charge)?) where attempts[payment.orderID, default: 0] > 0:
            charge.paymentID = PaymentID(bits: UInt128(world.dice.next()) << 64 | UInt128(world.dice.next()))
            return .charge(charge)
        case (_, let question): return question
        }
    }

    private func take(_ answer: GatewayAnswer, about order: OrderID) throws {
        let now = SimulatedInstant(world.now)
        switch answer {
        case .known(let outcome): queue.known(order, isKept: try keep(outcome, of: order), at: now)
        case .unknown(_, let retryAfter):
            queue.failed(order, .unknown(retryAfter: retryAfter), jitter: Double(world.dice.pick(0...1000)) / 1000, at: now)
        case .refused: queue.failed(order, .refused, jitter: 0, at: now)
        }
    }

    private func keep(_ outcome: GatewayOutcome, of order: OrderID) throws -> Bool {
        let observe = { [world, node] (settled: (handled: Handled, trace: TraceContext)?) in
            for emission in settled?.handled.emissions ?? [] { try world.history.tell(emission, at: node) }
            try world.invariants.check([order], at: node)
        }
        do {
            try node.commit(observe: observe) { try reactions.settle(order, outcome, in: $0) }
            return true
        } catch is StoreError {
            return false
        }
    }
}

/// What has become durable and is to be asked, as the callback of `PaymentReactions` reaches the desk.
final class Intents: Sendable {
    private let orders = Mutex<[OrderID]>([])

    func add(_ order: OrderID) {
        orders.withLock { $0.append(order) }
    }

    func take() -> [OrderID] {
        orders.withLock { orders in
            defer { orders = [] }
            return orders
        }
    }
}
