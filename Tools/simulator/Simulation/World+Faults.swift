import InventoryService
import PaymentService
import OrderService
import Saga
import SagaStore
import Store
import Wire

/// What the weather does to a world at some moment, and what passes on its way.
extension World {
    /// How long something takes, now and then much longer.
    func latency() -> Microseconds {
        guard strikes(.delay) else { return Microseconds(dice.pick(200...20_000)) }
        happened(.delay)
        return .milliseconds(dice.pick(100...2500))
    }

    func latency(to node: Node) -> Microseconds {
        node.isCutOff ? .milliseconds(100) : latency()
    }

    /// What arrives may arrive twice.
    func duplicating(_ records: [IncomingRecord]) -> [IncomingRecord] {
        guard strikes(.duplicate) else { return records }
        happened(.duplicate)
        var records = records
        let index = dice.pick(0...records.count - 1)
        records.insert(records[index], at: dice.pick(index + 1...records.count))
        return records
    }

    func cause(_ fault: Fault) throws {
        try cause(fault, at: dice.pick(of: nodes))
    }

    private func cause(_ fault: Fault, at node: Node) throws {
        guard !weather.isCalm else { return }
        switch fault {
        case .crash:
            guard node.isUp else { return }
            happened(fault, at: node)
            node.crash()
        case .partition:
            happened(fault, at: node)
            node.isCutOff = true
            network.cutOff(node)
            after(.milliseconds(dice.pick(100...3000))) { [self] in
                node.isCutOff = false
                note(node, "is reachable again")
            }
        case .producerFailure:
            happened(fault, at: node)
            network.fail(at: node)
        case .rebalance:
            if network.rebalance(node) { happened(fault, at: node) }
        case .brokerLoss:
            if network.loseEverything() {
                lost(fault)
                crashSoon(node)
            }
        case .topicRecreated:
            if network.recreateTopic(of: node) {
                lost(fault)
                crashSoon(node)
            }
        case .topicTrimmed: if network.trimTopic(of: node) { lost(fault) }
        case .clockForward: jump(node, by: .milliseconds(dice.pick(1_000...90_000_000)), fault)
        case .clockBack: jump(node, by: -.milliseconds(dice.pick(1_000...90_000_000)), fault)
        case .retention: try attempt(at: node) { try deleteExpired(at: node) }
        case .purge: try attempt(at: desk.node) { try purge() }
        case .republish: try attempt(at: node) { try republish(at: node) }
        case .staleDuplicate:
            guard !node.delivered.isEmpty else { return }
            let record = dice.pick(of: node.delivered)
            try attempt(at: node) { try node.consume([record]) }
        case .repeatedOrder: try repeatOrder()
        case .obstacle: try obstruct(node)
        case .delay, .reordering, .duplicate, .drop, .lostAcknowledgement, .crashAfterBegin, .crashBeforeCommit, .crashAfterCommit,
            .crashBeforePosition, .crashAfterPosition, .crashBeforeAnswer, .commitFailure, .clientRetry, .clientCancel, .deadline,
            .parking, .retry, .gatewayLate, .gatewayNever, .gatewayLoses, .gatewayWrong, .gatewayTwice:
            preconditionFailure("happens by the way")
        }
    }

    /// Troubles come together: as often as not the owner of what was lost is killed before it can have noticed.
    private func crashSoon(_ node: Node) {
        guard dice.chance(permille: 500) else { return }
        after(.milliseconds(dice.pick(1...50))) { [self] in try cause(.crash, at: node) }
    }

    private func lost(_ fault: Fault) {
        happened(fault)
        history.hasLostData = true
    }

    /// A service cannot handle events of some type, until somebody removes the cause and has them tried again.
    private func obstruct(_ node: Node) throws {
        let types = EventType.allCases.filter { Choreography.reacts(node.service, to: $0) }
        try node.obstruct(dice.pick(of: types))
        after(.milliseconds(dice.pick(50...2000))) { [self] in try operate(node) }
    }

    /// An operator who tries again before the cause is removed, and after.
    private func operate(_ node: Node) throws {
        // Nobody can be asked while the daemon is down.
        guard node.isUp else { return after(.milliseconds(100)) { [self] in try operate(node) } }
        try attempt(at: node) { try retryDeadLetters(at: node) }
        try node.mend()
        try attempt(at: node) { try retryDeadLetters(at: node) }
        // What failed for another reason, such as a crash, is tried once more.
        if try !node.snapshot.deadLetters(limit: 1).isEmpty { after(.milliseconds(100)) { [self] in try operate(node) } }
    }

    /// `sagactl dead-letters retry --all`
    private func retryDeadLetters(at node: Node) throws {
        for letter in try node.snapshot.deadLetters(limit: 1000) where letter.kind != .parked {
            happened(.retry, at: node)
            try node.retry(letter.id)
        }
    }

    private func attempt(at node: Node, _ action: () throws -> Void) throws {
        guard node.isUp else { return }
        try node.living {
            do { try action() } catch is StoreError {}
        }
    }

    private func jump(_ node: Node, by jump: Microseconds, _ fault: Fault) {
        happened(fault, at: node)
        node.clockError += jump
        if node === desk.node { desk.watchDeadlines() }
    }

    /// An `ORDER_CREATED` that a foreign producer sent once more, under an id of its own.
    private func repeatOrder() throws {
        let present = try desk.node.snapshot.orders(OrderFilter(), before: nil, limit: 100).first
        // It may be one that is over and gone.
        let gone = history.purged.values.max { $0.terms.orderID.bits < $1.terms.orderID.bits }
        guard let order = gone ?? present else { return }
        let id = EventID(bits: UInt128(dice.next()) << 64 | UInt128(dice.next()))
        let record = IncomingRecord(
            topic: ServiceName.order.topic.rawValue, partition: 0, offset: 0, key: nil,
            attributes: .read(id: id, time: order.createdAt, causation: nil, trace: TraceContext(order: order.terms.orderID)),
            value: SagaEvent.orderCreated(order.terms).encoded())
        history.told(byForeigner: id)
        happened(.repeatedOrder)
        for service in Choreography.subscribers(of: .order) {
            let node = node(service)
            try attempt(at: node) { try node.consume([record]) }
        }
    }

    /// What housekeeping does, with a retention as short as it may be: what everybody has heard of is gone at once.
    private func deleteExpired(at node: Node) throws {
        let latest = Timestamp(microseconds: node.clock.microseconds + 1)
        // A broker that loses its data is filled again from the outboxes, so they have to go back far enough.
        let cutoff = isKafka ? min(latest, history.oldestUnsettled ?? latest) : latest
        let published = mutant == .deletesUnpublished ? .max : try network.published(by: node)
        let before = try node.inboxIDs()
        let observe = { [history, self] in
            let remaining = try node.inboxIDs()
            history!.deletedInbox(of: node.service, remaining: remaining)
            if node === desk.node { history!.deletedKeys(before: cutoff) }
            if remaining.count < before.count { happened(.retention, at: node) }
        }
        try node.commit(observe: observe) { transaction in
            while try transaction.deleteExpired(before: cutoff, published: published, limit: 500) {}
            guard node === desk.node else { return }
            while try transaction.deleteIdempotencyKeys(before: cutoff, limit: 500) {}
        }
    }

    /// `sagactl events republish --since` the beginning.
    func republish(at node: Node) throws {
        let queued = try node.commit { transaction in
            let last = try transaction.outboxBounds().last
            let entries = try transaction.outbox(after: 0, limit: 1000).filter { try $0.seq <= last && !transaction.isRepeated($0.seq) }
            for var entry in entries {
                if mutant == .republishesUnderNewIDs { entry.eventID = transaction.decide { $0.newID() } }
                try transaction.appendAgain(entry)
            }
            return entries.count
        }
        if queued > 0 { happened(.republish, at: node) }
    }
}

extension Node {
    func inboxIDs() throws -> Set<EventID> {
        Set(try disk.all("SELECT event_id FROM inbox") { try $0.id(0) })
    }
}
