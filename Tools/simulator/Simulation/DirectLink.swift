import Saga
import Transport
import DirectTransport
import SagaStore
import Store
import Wire

/// One service following the outbox of another.
final class DirectLink {
    let owner: Node
    let follower: Node
    private unowned let world: World
    /// Tells the present connection from those before it, whose messages never arrive.
    private var connection = 0
    private var isConnected = false
    private var sent: Int64 = 0
    private var isSending = false
    private var logID: UInt128 = 0
    /// In the follower's memory: how far it has come. nil: to be read from disk.
    private var position: LogPosition?

    init(owner: Node, follower: Node, world: World) {
        self.owner = owner
        self.follower = follower
        self.world = world
        owner.didCrash.append { [unowned self] in disconnect() }
        follower.didCrash.append { [unowned self] in
            position = nil
            disconnect()
        }
    }

    func disconnect() {
        connection += 1
        isConnected = false
        isSending = false
        connectSoon()
    }

    /// Does something of the present connection later, if it is still there then.
    private func after(_ delay: Microseconds, at node: Node, _ action: @escaping () throws -> Void) {
        let connection = connection
        node.after(delay) { [self] in if connection == self.connection { try action() } }
    }

    func connectSoon() {
        let connection = connection
        world.after(.milliseconds(world.dice.pick(20...200))) { [self] in
            guard connection == self.connection, !isConnected else { return }
            guard owner.isUp, follower.isUp, !owner.isCutOff, !follower.isCutOff else { return connectSoon() }
            try connect()
        }
    }

    /// The follower's hello and the owner's welcome.
    private func connect() throws {
        let position = try position ?? follower.snapshot.position(in: owner.service)
        let first = try owner.snapshot.outboxBounds().first
        logID = try owner.snapshot.logID() ?? 0
        let welcome = DirectFrame.Welcome(
            logID: logID, first: min(first, owner.outbox.firstRecent ?? first), last: owner.outbox.last,
            eventID: try owner.snapshot.eventID(outboxSeq: position?.seq ?? 0))
        let start = welcome.start(from: position)
        if let missing = start.missing {
            throw Violation("\(follower.service) misses \(missing) of \(owner.service), which were deleted before it read them")
        }
        if start.finding == .continued { owner.outbox.acknowledge(start.after, by: follower.service.rawValue) }
        isConnected = true
        sent = start.after
        world.note(follower, "follows", UInt64(start.after), "\(owner.service) from \(start.after)")
        sendSoon()
    }

    func sendSoon() {
        guard isConnected, !isSending else { return }
        isSending = true
        after(world.latency(), at: owner) { [self] in
            let entries = try owner.entries(after: sent, limit: world.dice.pick(1...4))
            guard let last = entries.last else {
                isSending = false
                return
            }
            sent = last.seq
            if world.strikes(.drop) {
                world.happened(.drop, at: owner)
                return disconnect()
            }
            deliver(entries)
        }
    }

    private func deliver(_ entries: [OutboxEntry]) {
        after(world.latency(), at: follower) { [self] in
            let records = world.duplicating(entries.map { IncomingRecord($0) })
            let reached = LogPosition(logID: logID, seq: entries.last!.seq, eventID: entries.last!.eventID)
            do {
                try follower.consume(records, position: (owner.service, reached))
            } catch is StoreError {
                // Nothing was written; the batch stays in hand.
                return deliver(entries)
            }
            position = reached
            acknowledge(reached.seq)
            isSending = false
            sendSoon()
            try follower.mayCrash(.crashAfterPosition)
        }
    }

    private func acknowledge(_ seq: Int64) {
        after(world.latency(), at: owner) { [self] in
            if world.strikes(.lostAcknowledgement) {
                world.happened(.lostAcknowledgement, at: owner)
                return disconnect()
            }
            owner.outbox.acknowledge(seq, by: follower.service.rawValue)
        }
    }

    var savedPosition: Int64 {
        get throws { try follower.snapshot.position(in: owner.service)?.seq ?? 0 }
    }

    func checkRest() throws {
        // Housekeeping comes by.
        try follower.commit(mayFail: false) { _ in }
        guard try savedPosition == owner.outbox.last else {
            throw Violation("\(follower.service) forgets that it has read \(owner.service) up to \(owner.outbox.last)")
        }
        guard isConnected, !isSending, sent == owner.outbox.last else {
            throw Violation("\(follower.service) has not read all of \(owner.service)")
        }
    }
}

extension IncomingRecord {
    /// As an entry arrives from the transport `direct`.
    fileprivate init(_ entry: OutboxEntry) {
        self.init(
            topic: entry.type.topic.rawValue, partition: 0, offset: entry.seq, key: nil,
            attributes: .read(id: entry.eventID, time: entry.occurredAt, causation: entry.causation, trace: entry.trace),
            value: entry.body)
    }
}
