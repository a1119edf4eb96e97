import NIOCore
import NIOPosix
import Ownership
import Saga
import SagaStore
import Store
import ServiceLifecycle
import Synchronization
import Wire
import Transport

/// Follows one peer's outbox: connects as often as it takes, and hands what arrives to the consumer, in order.
///
/// Its place is the position the consumer saves with the effects, so a crash at any point loses nothing; what was handled but not
/// yet acknowledged is delivered again. One task; while it waits it costs nothing as long as the peer is there, and a try to
/// connect a second while it is not.
final class DirectFollower: Sendable {
    private struct State {
        var isStopping = false
        /// Of the present connection.
        var inbox: FrameInbox?
        var isConnected = false
        /// Why not.
        var trouble = "no connection yet"
        /// The trouble that was reported last, so that it is reported once.
        var reported: String?
        var applied: Int64 = 0
        var known: Int64 = 0
        var missing: ClosedRange<Int64>?
        /// What has arrived would be one dead letter too many.
        var isFull = false
    }

    private let service: ServiceName
    let peer: ServiceName
    private let path: String
    private let topic: String
    private let database: Database
    private let consumer: any EventConsumer
    private let eventLoop: any EventLoop
    /// For the peer to answer a new connection: who keeps silent may be a former run of it that somebody holds the socket of.
    private let patience: TimeAmount
    private let report: @Sendable (DirectEvent) -> Void
    private let state = Mutex(State())
    private let retry = WakeUp()

    /// What may wait in memory; also bounds how much is handled in one transaction.
    static let inboxLimit = 256 * 1024
    private static let retryDelay = (shortest: TimeAmount.milliseconds(50), longest: TimeAmount.seconds(1))

    init(
        service: ServiceName, peer: ServiceName, path: String, topic: String, database: Database, consumer: any EventConsumer,
        eventLoop: any EventLoop, patience: TimeAmount, report: @escaping @Sendable (DirectEvent) -> Void
    ) {
        self.service = service
        self.peer = peer
        self.path = path
        self.topic = topic
        self.database = database
        self.consumer = consumer
        self.eventLoop = eventLoop
        self.patience = patience
        self.report = report
    }

    /// Returns after a graceful shutdown, with the batch in hand finished.
    ///
    /// - Throws: what the consumer threw, or an error of the database that is final.
    func run() async throws {
        try await withGracefulShutdownHandler {
            var position: LogPosition?
            var delay = DirectFollower.retryDelay.shortest
            while !state.withLock(\.isStopping) {
                let began = NIODeadline.now()
                let reason = try await follow(from: &position)
                try Task.checkCancellation()
                noteDisconnected(reason)
                let isSteady = NIODeadline.now() - began > DirectFollower.retryDelay.longest
                delay = isSteady ? DirectFollower.retryDelay.shortest : min(delay * 2, DirectFollower.retryDelay.longest)
                if !state.withLock(\.isStopping) { await retry.wait(atMost: delay, on: eventLoop) }
            }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    /// The peer has shown itself: if it is not connected, now is a good moment.
    func peerWasSeen() {
        if !state.withLock(\.isConnected) { retry.call() }
    }

    var isConnected: Bool { state.withLock(\.isConnected) }

    /// Events of the peer that are known to exist and are not yet applied here.
    var lag: Int64 { state.withLock { max(0, $0.known - $0.applied) } }

    var problems: [String] {
        state.withLock { state in
            var problems: [String] = []
            if !state.isConnected { problems.append("\(peer) is not reachable at \(path): \(state.trouble)") }
            if let missing = state.missing {
                problems.append(
                    "events \(missing.lowerBound) to \(missing.upperBound) of \(peer) were deleted before they were read here: "
                        + "have them republished")
            }
            if state.isFull { problems.append(TransportStatus.noRoom(for: topic)) }
            return problems
        }
    }

    /// Looks at the peer's directory; one that is not there yet is looked at when it is.
    func checkPath() throws(UntrustedPath) {
        do {
            _ = try SocketPeer(at: path)
        } catch .unusable(_, ENOENT) {}
    }

    private func stop() {
        let inbox = state.withLock { state in
            state.isStopping = true
            return state.inbox
        }
        inbox?.stop()
        retry.call()
    }

    /// Follows for the life of one connection and returns why it ended.
    private func follow(from position: inout LogPosition?) async throws -> String {
        if position == nil {
            do {
                position = try await database.read { [peer] in try $0.position(in: peer) }
            } catch let error as StoreError where !error.isFinal {
                return error.description
            }
        }
        let inbox = FrameInbox(fullAt: DirectFollower.inboxLimit)
        let channel: any Channel
        do {
            let peer = try SocketPeer(at: path)
            channel = try await connect(inbox)
            do {
                try await peer.require(channel).get()
            } catch {
                channel.close(promise: nil)
                throw error
            }
        } catch {
            return ConnectionFailure.text(of: error)
        }
        defer { channel.close(promise: nil) }
        let isStopping = state.withLock { state in
            state.inbox = inbox
            state.trouble = "it does not answer"
            return state.isStopping
        }
        if isStopping { return "stopping" }
        do {
            send(.hello(.init(follower: service.rawValue, position: position)), on: channel)
            return try await receive(from: inbox, on: channel, &position)
        } catch let error as DirectProtocolError {
            return error.description
        }
    }

    private func connect(_ inbox: FrameInbox) async throws -> any Channel {
        try await ClientBootstrap(group: eventLoop)
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let splitter = FrameSplitter(longestFrame: DirectProtocol.longestFrame.toFollower)
                    try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(splitter), inbox])
                }
            }
            .connect(unixDomainSocketPath: path).get()
    }

    private func receive(from inbox: FrameInbox, on channel: any Channel, _ position: inout LogPosition?) async throws -> String {
        let timeout = eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        defer { timeout.cancel() }
        var reached: LogPosition?
        while true {
            let frames: [ByteBuffer]
            switch await inbox.next() {
            case .frames(let arrived): frames = arrived
            case .ended(let reason): return reason
            case .stopped: return "stopping"
            }
            var records: [IncomingRecord] = []
            for frame in frames {
                switch (try DirectFrame(decoding: frame), reached) {
                case (.welcome(let welcome), nil):
                    timeout.cancel()
                    reached = begin(welcome, from: position)
                case (.batch(let batch), var place?):
                    try batch.append(to: &records, topic: topic, advancing: &place)
                    reached = place
                    state.withLock { $0.known = batch.last }
                case (.refusal(let reason), _): return "refused: \(reason)"
                case (.welcome, _), (.batch, nil), (.hello, _), (.acknowledgement, _): throw DirectProtocolError.unexpected("frame")
                }
            }
            guard let reached, !records.isEmpty else { continue }
            do {
                try await consume(records, position: reached)
            } catch is CancellationError where Task.isShuttingDownGracefully || state.withLock(\.isStopping) {
                // It waited for an operator; the records come again after the next start.
                return "stopping"
            }
            position = reached
            state.withLock { $0.applied = reached.seq }
            send(.acknowledgement(reached.seq), on: channel)
        }
    }

    /// Returns when all of it is durable, however long there is no room for it.
    private func consume(_ records: [IncomingRecord], position: LogPosition) async throws {
        var waiting = records
        while true {
            let left = try await consumer.consume(waiting, position: (peer, position)).sorted()
            let isNews = state.withLock { state in
                defer { state.isFull = !left.isEmpty }
                return state.isFull == left.isEmpty
            }
            if isNews { report(.room(isThere: left.isEmpty, for: topic)) }
            if left.isEmpty { return }
            waiting = left.map { waiting[$0] }
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: TransportStatus.roomInterval) }
        }
    }

    private func begin(_ welcome: DirectFrame.Welcome, from position: LogPosition?) -> LogPosition {
        let start = welcome.start(from: position)
        let isNewGap = state.withLock { state in
            state.isConnected = true
            state.reported = nil
            state.applied = start.after
            state.known = welcome.last
            guard let missing = start.missing, missing != state.missing else { return false }
            // What is lost does not come back by itself, so this stays a problem for as long as the process lives.
            state.missing = missing
            return true
        }
        report(.peerConnected(peer, after: start.after))
        switch start.finding {
        case .continued: break
        case .replaced: report(.logReplaced(peer))
        case .shortened: report(.logShortened(peer, reached: position?.seq ?? 0, last: welcome.last))
        case .rewritten: report(.logRewritten(peer, reached: position?.seq ?? 0))
        }
        if isNewGap, let missing = start.missing { report(.gap(peer, missing: missing)) }
        return LogPosition(logID: welcome.logID, seq: start.after, eventID: start.finding == .continued ? position?.eventID : nil)
    }

    private func noteDisconnected(_ reason: String) {
        let isNews = state.withLock { state in
            // Where it never followed there is nothing it has lost; that the peer is away is a reason in status.
            let wasConnected = state.isConnected
            state.isConnected = false
            state.inbox = nil
            state.trouble = reason
            defer { state.reported = reason }
            return !state.isStopping && wasConnected && state.reported != reason
        }
        if isNews { report(.peerDisconnected(peer, reason: reason)) }
    }

    private func send(_ frame: DirectFrame, on channel: any Channel) {
        var buffer = channel.allocator.buffer(capacity: 64)
        frame.encode(into: &buffer)
        channel.writeAndFlush(buffer, promise: nil)
    }
}
