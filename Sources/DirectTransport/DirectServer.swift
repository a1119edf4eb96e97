import NIOCore
import NIOPosix
import Saga
import SagaStore
import Store
import ServiceLifecycle
import Synchronization
import Posix
import Wire
import Transport

/// Serves the outbox to those who follow it, each from its own position, in order, without polling.
///
/// Two tasks for each follower: one sends, at most one batch ahead of what the follower's socket takes, the other waits for the
/// end. Entries come from memory where the log has them, from disk, on a thread of its own, where the follower lags.
final class DirectServer: Sendable {
    private struct State {
        var listener: (any Channel)?
        var connections = 0
        var subscriptions: [ObjectIdentifier: DirectSubscription] = [:]
        var isDraining = false
    }

    private let service: ServiceName
    private let database: Database
    private let log: OutboxLog
    private let eventLoopGroup: any EventLoopGroup
    private let report: @Sendable (DirectEvent) -> Void
    private let followerWasSeen: @Sendable (ServiceName) -> Void
    private let subscribers: Set<String>
    private let state = Mutex(State())
    private let progress = WakeUp()
    private let arrivals: AsyncStream<DirectSubscription>
    private let arrival: AsyncStream<DirectSubscription>.Continuation

    /// How long a connection may stay silent at first.
    let patience: TimeAmount
    /// Connections beyond this are closed at once. Three daemons need two.
    static let mostConnections = 32

    init(
        service: ServiceName, database: Database, log: OutboxLog, eventLoopGroup: any EventLoopGroup, patience: TimeAmount,
        report: @escaping @Sendable (DirectEvent) -> Void, followerWasSeen: @escaping @Sendable (ServiceName) -> Void
    ) {
        self.service = service
        self.database = database
        self.log = log
        self.eventLoopGroup = eventLoopGroup
        self.patience = patience
        self.report = report
        self.followerWasSeen = followerWasSeen
        subscribers = Set(Choreography.subscribers(of: service).map(\.rawValue))
        (arrivals, arrival) = AsyncStream.makeStream()
    }

    var isBound: Bool { state.withLock { $0.listener != nil } }

    /// Makes the socket. Connections are accepted from here on, and served by `run`.
    func bind(_ path: String) async throws {
        let address = try UnixSocketAddress(path)
        try address.makeFree()
        let bootstrap = ServerBootstrap(group: eventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let splitter = FrameSplitter(longestFrame: DirectProtocol.longestFrame.fromFollower)
                    try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(splitter), SubscriptionHandler(server: self)])
                    if !self.count(channel) { channel.close(promise: nil) }
                }
            }
        let listener: any Channel
        do {
            listener = try await bootstrap.bind(unixDomainSocketPath: path).get()
        } catch {
            throw UnixSocketError.failed(path, "cannot be bound: \(ConnectionFailure.text(of: error))")
        }
        do {
            try address.admitGroup(named: UnixSocketAddress.group)
        } catch {
            try? await listener.close()
            throw error
        }
        state.withLock { $0.listener = listener }
    }

    /// Serves until the task is canceled; then closes all connections and removes the socket.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await subscription in arrivals {
                group.addTask { await self.serve(subscription) }
            }
            let listener = state.withLock { $0.listener.take() }
            // First, so that nobody comes in whom no task would serve. Removes the socket file too.
            try? await listener?.close()
            group.cancelAll()
        }
        for subscription in state.withLock({ Array($0.subscriptions.values) }) { subscription.end("stopping") }
    }

    /// Returns when every subscriber that is connected has acknowledged all there is, or the time is over.
    func drain(atMost limit: TimeAmount) async {
        let eventLoop = eventLoopGroup.next()
        let deadline = NIODeadline.now() + limit
        state.withLock { $0.isDraining = true }
        while !isDrained, !Task.isCancelled, NIODeadline.now() < deadline {
            await progress.wait(atMost: deadline - NIODeadline.now(), on: eventLoop)
        }
    }

    private var isDrained: Bool {
        let last = log.last
        return state.withLock { $0.subscriptions.values.allSatisfy { !$0.isSubscriber || $0.acknowledged >= last } }
    }

    private func count(_ channel: any Channel) -> Bool {
        let isAdmitted = state.withLock { state in
            state.connections += 1
            return state.connections <= DirectServer.mostConnections
        }
        channel.closeFuture.whenComplete { _ in self.state.withLock { $0.connections -= 1 } }
        return isAdmitted
    }

    // MARK: From the connections' handlers

    func admit(_ hello: DirectFrame.Hello, on channel: any Channel) -> DirectSubscription {
        let isSubscriber = subscribers.contains(hello.follower)
        let subscription = DirectSubscription(hello, isSubscriber: isSubscriber, channel: channel)
        let former = state.withLock { state in
            let former = isSubscriber ? state.subscriptions.values.filter { $0.follower == hello.follower } : []
            state.subscriptions[ObjectIdentifier(subscription)] = subscription
            return former
        }
        for subscription in former { subscription.end("replaced by a newer connection") }
        arrival.yield(subscription)
        if let peer = ServiceName(rawValue: hello.follower) { followerWasSeen(peer) }
        return subscription
    }

    func acknowledge(_ seq: Int64, by subscription: DirectSubscription) throws(DirectProtocolError) {
        try subscription.acknowledge(seq)
        guard subscription.isSubscriber else { return }
        log.acknowledge(seq, by: subscription.follower)
        if state.withLock(\.isDraining) { progress.call() }
    }

    func noteRejected(_ reason: String) {
        report(.connectionRejected(reason: reason))
    }

    // MARK: Serving one follower

    private func serve(_ subscription: DirectSubscription) async {
        await withTaskGroup { group in
            group.addTask {
                do {
                    try await self.send(to: subscription)
                } catch {
                    subscription.end(ConnectionFailure.text(of: error))
                }
            }
            group.addTask {
                // A write that the follower does not take ends only with the connection.
                await withTaskCancellationHandler {
                    try? await subscription.channel.closeFuture.get()
                } onCancel: {
                    subscription.end("stopping")
                }
            }
            await group.next()
            group.cancelAll()
        }
        _ = state.withLock { $0.subscriptions.removeValue(forKey: ObjectIdentifier(subscription)) }
        progress.call()
        report(.followerDisconnected(subscription.follower, reason: subscription.endReason))
    }

    private func send(to subscription: DirectSubscription) async throws {
        let channel = subscription.channel
        let welcome = try await welcome(subscription.position)
        let start = welcome.start(from: subscription.position)
        subscription.begin(after: start.after)
        // It saved this position in its database, so that much is durable there.
        if subscription.isSubscriber, start.finding == .continued { log.acknowledge(start.after, by: subscription.follower) }
        var buffer = channel.allocator.buffer(capacity: 64)
        DirectFrame.welcome(welcome).encode(into: &buffer)
        try await channel.writeAndFlush(buffer)
        report(.followerConnected(subscription.follower, after: start.after))

        var sent = start.after
        while !Task.isCancelled {
            await log.waitForEntries(after: sent)
            var rest = try await log.entries(after: sent, limit: DirectProtocol.fullBatch.entries, in: database)[...]
            if rest.isEmpty, !Task.isCancelled { throw StoreError.failed("the outbox has nothing after \(sent), but ends at \(log.last)") }
            while !rest.isEmpty {
                var buffer = channel.allocator.buffer(capacity: 512 * rest.count)
                let batch = rest.prefix(DirectFrame.encodeBatch(of: rest, last: log.last, into: &buffer))
                rest = rest[batch.endIndex...]
                sent = batch.last?.seq ?? sent
                subscription.willSend(upTo: sent)
                try await channel.writeAndFlush(buffer)
            }
        }
    }

    private func welcome(_ position: LogPosition?) async throws -> DirectFrame.Welcome {
        // The end first: what is sent from here on must not cover up that the log ended before the position.
        let last = log.last
        let (logID, first, eventID) = try await database.read {
            (try $0.logID(), try $0.outboxBounds().first, try $0.eventID(outboxSeq: position?.seq ?? 0))
        }
        guard let logID else { throw StoreError.failed("the database has no log id") }
        return DirectFrame.Welcome(logID: logID, first: min(first, log.firstRecent ?? first), last: last, eventID: eventID)
    }
}
