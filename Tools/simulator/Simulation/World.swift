import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import Store
import Wire

/// One small universe: three services, a network between them, a few clients, and bad weather. Everything that happens in it comes
/// from its seed, on one thread, in simulated time.
final class World {
    static let epoch: Microseconds = 1_780_000_000_000_000
    static let products = 2
    static let declinedUsers: Set<Int64> = [2]
    private static let mostSteps = 20_000

    let mutant: Mutant?
    var dice: Dice
    private(set) var now: Microseconds = 0
    private var agenda = Agenda()
    private(set) var trace: Trace
    var weather: Weather
    let isKafka: Bool
    /// How long an order may stay undecided.
    let deadline: Microseconds
    /// How many pieces of each product there are, wherever they are.
    let goods: [Int64]

    private(set) var nodes: [Node] = []
    private(set) var desk: OrderDesk!
    /// nil where the gateway is the simulated one, in the payment service itself.
    private(set) var gateway: SimulatedGateway?
    private var paymentDesk: PaymentDesk?
    private(set) var network: (any Network)!
    private(set) var history: History!
    private(set) var invariants: Invariants!

    init(seed: UInt64, mutant: Mutant?, isPrinted: Bool) throws {
        self.mutant = mutant
        var dice = Dice(seed: seed)
        weather = Weather(&dice)
        isKafka = dice.chance(permille: 500)
        deadline = .milliseconds(dice.pick(of: [150, 1000, 3000, 10_000]))
        goods = [Int64(dice.pick(2...8)), Int64(dice.pick(0...3))]
        self.dice = dice
        trace = Trace(isPrinted: isPrinted)
        history = History(world: self)
        invariants = Invariants(world: self)
        try populate()
    }

    private func populate() throws {
        let deadlines = Deadlines(limit: deadline)
        let reactions = OrderReactions(placed: { deadlines.placed($0) }, decided: { deadlines.decided([$0.terms.orderID]) })
        let intents = Intents()
        let isExternal = dice.chance(permille: 500)
        let payments =
            isExternal ? PaymentReactions(unsettled: { intents.add($0) }) : PaymentReactions(declinedUsers: World.declinedUsers)
        nodes = [
            try node(running: reactions, schema: .order), try node(running: InventoryReactions(), schema: .inventory),
            try node(running: payments, schema: .payment),
        ]
        try node(.inventory).commit(mayFail: false) { transaction in
            for (index, count) in goods.enumerated() { try transaction.save(Stock(productID: Int64(index + 1), available: count)) }
        }
        desk = OrderDesk(node: node(.order), reactions: reactions, deadlines: deadlines, world: self)
        if isExternal {
            let gateway = SimulatedGateway(world: self)
            self.gateway = gateway
            paymentDesk = PaymentDesk(node: node(.payment), reactions: payments, intents: intents, gateway: gateway, world: self)
        }
        network = isKafka ? KafkaNetwork(self) : DirectNetwork(self)
    }

    private func node<P: Participant>(running participant: P, schema: Schema) throws -> Node {
        let followers = isKafka ? [KafkaNetwork.follower] : DirectNetwork.followers(of: P.service)
        let afterthoughts = Afterthoughts()
        guard let mutated = mutant?.mutation(of: participant, afterthoughts) else {
            return try Node(participant, schema: schema, followers: followers, afterthoughts: afterthoughts, world: self)
        }
        return try Node(mutated, schema: schema, followers: followers, afterthoughts: afterthoughts, world: self)
    }

    func node(_ service: ServiceName) -> Node { nodes[service.number] }

    // MARK: Time

    func after(_ delay: Microseconds, _ action: @escaping () throws -> Void) {
        agenda.add(at: now + delay, action)
    }

    /// A storm with clients in it, then calm weather until nothing is under way any more.
    func run() throws {
        // What is planned refers to this world; it goes with it.
        defer { agenda.removeAll() }
        let storm = Microseconds.milliseconds(dice.pick(1500...5000))
        for node in nodes { try node.start() }
        for number in 0..<dice.pick(3...8) {
            Client(number: number, desk: desk, world: self).ask(after: Microseconds(dice.pick(0...Int(storm / 2))))
        }
        for fault in weather.plan { after(Microseconds(dice.pick(0...Int(storm)))) { [self] in try cause(fault) } }
        after(storm) { [self] in try calm() }

        var steps = 0
        while let (time, action) = agenda.next() {
            now = max(now, time)
            steps += 1
            guard steps < World.mostSteps else { throw Violation("there is no end to it") }
            try action()
            try history.checkDeadlines()
        }
        try invariants.checkRest()
    }

    /// Nothing goes wrong any more. What was lost is found and told again by itself.
    private func calm() throws {
        weather.isCalm = true
        note(nil, "the storm is over")
        for node in nodes {
            node.isCutOff = false
            if !node.isUp { try node.start() }
        }
        after(.milliseconds(60_000)) { [self] in try purgeLeftovers() }
    }

    // MARK: What is seen

    func strikes(_ fault: Fault) -> Bool { weather.strikes(fault, &dice) }

    func happened(_ fault: Fault, at node: Node? = nil) {
        weather.counts.add(fault)
        trace.note(now, node?.service, "fault:", UInt64(fault.rawValue), fault.name)
    }

    func note(_ node: Node?, _ what: StaticString, _ detail: UInt64 = 0, _ text: @autoclosure () -> String = "") {
        trace.note(now, node?.service, what, detail, text())
    }

    func outboxGrew(at node: Node) {
        // The first commits are made before there is a network.
        network?.outboxGrew(at: node)
    }

    func observe(_ handled: [HandledEvent], at node: Node) throws {
        for event in handled { try history.handled(event, at: node) }
        try invariants.check(handled.compactMap { $0.envelope?.event.orderID }, at: node)
    }

    func observe(_ canceled: OrderReactions.Placed, canceledBy reason: CancelReason, at node: Node) throws {
        let id = canceled.order.terms.orderID
        note(node, "canceled", UInt64(truncatingIfNeeded: id.bits), "\(id): \(reason)")
        for emission in canceled.handled.emissions { try history.tell(emission, at: node) }
        try history.interrupted(id, by: reason)
        try invariants.check([id], at: node)
    }
}
