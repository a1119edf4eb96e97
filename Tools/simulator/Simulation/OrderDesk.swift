import OrderService
import Saga
import SagaStore
import Store
import Synchronization
import Wire

/// What the order service does besides handling events: it takes orders, cancels them for clients, and lets their deadline pass.
final class OrderDesk {
    let node: Node
    let reactions: OrderReactions
    private let deadlines: Deadlines
    private unowned let world: World

    init(node: Node, reactions: OrderReactions, deadlines: Deadlines, world: World) {
        self.node = node
        self.reactions = reactions
        self.deadlines = deadlines
        self.world = world
        node.willStart.append { [unowned self] in try begin() }
    }

    /// A new process knows only what is on disk.
    private func begin() throws {
        deadlines.forget()
        let pending = try node.snapshot.pendingOrders()
        if world.mutant != .forgetsDeadlines {
            deadlines.restore(pending, wallClock: node.clock, at: SimulatedInstant(world.now))
        }
        world.history.restarted(node, pending)
        watchDeadlines()
    }

    /// - Returns: the order that is answered with 201.
    func place(_ request: ClientRequest) throws -> OrderID {
        deadlines.now = SimulatedInstant(world.now)
        let key = world.mutant == .ignoresIdempotencyKeys ? nil : try request.key.map { try IdempotencyKey($0) }
        let placed = try node.commit(observe: { try world.history.placed($0.placed, isNew: $0.isNew, at: node) }) { transaction in
            let placed = try reactions.place(once: key, request: request.body, in: transaction) { request.terms(of: $0) }
            if world.mutant == .answersBeforeTheCommit { try world.history.answered(request, placed.placed.order.terms.orderID) }
            return placed
        }
        watchDeadlines()
        try node.mayCrash(.crashBeforeAnswer)
        return placed.placed.order.terms.orderID
    }

    func cancel(_ id: OrderID) throws {
        let observe = { [world, node] (canceled: OrderReactions.Placed?) in
            guard let canceled, canceled.handled.outcome == .applied else { return }
            world.happened(.clientCancel, at: node)
            try world.observe(canceled, canceledBy: .canceledByClient, at: node)
        }
        try node.commit(observe: observe) { try reactions.cancel(id, .canceledByClient, in: $0) }
        try node.mayCrash(.crashBeforeAnswer)
    }

    /// Looks again when the next order is due.
    func watchDeadlines() {
        guard let next = deadlines.nextDue else { return }
        node.after(max(0, next.time - world.now) + .milliseconds(1)) { [self] in
            let due = try mutantDue() ?? deadlines.due(at: SimulatedInstant(world.now))
            do {
                if !due.isEmpty { try cancelOverdue(due) }
                deadlines.decided(due)
            } catch is StoreError {
                // Nothing was written; they stay due.
            }
            watchDeadlines()
        }
    }

    private func cancelOverdue(_ due: [OrderID]) throws {
        let observe = { [world, node] (canceled: [OrderReactions.Placed]) in
            for order in canceled where order.handled.outcome == .applied {
                world.happened(.deadline, at: node)
                try world.observe(order, canceledBy: .deadlineExceeded, at: node)
            }
        }
        try node.commit(observe: observe) { transaction in
            try due.compactMap { try reactions.cancel($0, .deadlineExceeded, in: transaction) }
        }
    }

    /// A deadline on the wall clock.
    private func mutantDue() throws -> [OrderID]? {
        guard world.mutant == .deadlineOnTheWallClock else { return nil }
        let latest = Timestamp(microseconds: node.clock.microseconds - world.deadline)
        return try node.snapshot.pendingOrders().filter { $0.createdAt <= latest }.map(\.id)
    }
}

/// The real queue of deadlines, as the callbacks of `OrderReactions` reach it.
final class Deadlines: Sendable {
    private struct State {
        var queue: DeadlineQueue<SimulatedInstant>
        var now = SimulatedInstant(0)
    }

    private let state: Mutex<State>
    private let limit: Duration

    init(limit: Microseconds) {
        self.limit = .microseconds(limit)
        state = Mutex(State(queue: DeadlineQueue(limit: self.limit)))
    }

    var now: SimulatedInstant {
        get { state.withLock { $0.now } }
        set { state.withLock { $0.now = newValue } }
    }

    var nextDue: SimulatedInstant? { state.withLock { $0.queue.nextDue } }

    func placed(_ id: OrderID) {
        state.withLock { _ = $0.queue.placed(id, at: $0.now) }
    }

    func decided(_ ids: [OrderID]) {
        state.withLock { state in for id in ids { state.queue.decided(id) } }
    }

    func due(at now: SimulatedInstant) -> [OrderID] {
        state.withLock { $0.queue.due(at: now) }
    }

    func forget() {
        state.withLock { $0.queue = DeadlineQueue(limit: limit) }
    }

    func restore(_ pending: [(id: OrderID, createdAt: Timestamp)], wallClock: Timestamp, at now: SimulatedInstant) {
        state.withLock { $0.queue.restore(pending, wallClock: wallClock, at: now) }
    }
}

/// A moment on the simulated monotonic clock.
struct SimulatedInstant: InstantProtocol {
    let time: Microseconds

    init(_ time: Microseconds) {
        self.time = time
    }

    func advanced(by duration: Duration) -> SimulatedInstant {
        let (seconds, attoseconds) = duration.components
        return SimulatedInstant(time + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    func duration(to other: SimulatedInstant) -> Duration {
        .microseconds(other.time - time)
    }

    static func < (a: SimulatedInstant, b: SimulatedInstant) -> Bool {
        a.time < b.time
    }
}
