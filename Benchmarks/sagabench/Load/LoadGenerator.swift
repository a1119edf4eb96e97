import NIOCore
import NIOPosix
import Posix

/// Sends orders after a pattern and measures how long their answers, and their ends, take.
///
/// **POST → final.** Every n-th accepted order is watched: a second connection asks for it with `?wait=`, which the order service
/// answers when the order is decided. So a sample costs the suite one request instead of a poll, nothing is rounded to a polling interval,
/// and what is measured is what a client sees, the answer's way back included. On a busy suite the question itself may come
/// after the decision; the sample then says too much by that one request, never too little.
///
/// `@unchecked Sendable`: everything but the constants is touched on `loop` only.
final class LoadGenerator: @unchecked Sendable {
    private let loop: any EventLoop
    private let target: OrderTarget
    private let requests: OrderRequests
    private let pattern: LoadPattern
    private let sampling: Int

    private var counts = LoadCounts()
    private var latencies = LoadLatencies()
    private var idle: [LoadConnection] = []
    private var open = 0
    private var inFlight = 0
    private var watchers: [LoadConnection] = []
    private var watching = 0
    private var isRunning = false
    private var quiet: EventLoopPromise<Void>?

    /// Of an open loop: what is due is sent in order of being due.
    private var start = NIODeadline.now()
    private var due = 0
    private var sent = 0

    /// A client that was refused comes back after this long, as `Retry-After` wants it in principle: it must not spin.
    private static let pauseAfterRefusal = TimeAmount.milliseconds(20)
    /// Arrivals closer together than this are sent in one go, which is a delay of a quarter of a millisecond at most.
    private static let shortestTick = TimeAmount.microseconds(250)

    /// - Parameter sampling: every so many accepted orders one is watched until it is final.
    init(loop: any EventLoop, target: OrderTarget, thing: OrderedThing, pattern: LoadPattern, sampling: Int) {
        self.loop = loop
        self.target = target
        self.pattern = pattern
        self.sampling = sampling
        requests = OrderRequests(thing, to: target)
    }

    /// Opens all connections, before any order is due.
    func connect() async throws {
        ProcessLimits.raiseOpenFiles()
        for _ in 0..<pattern.connections {
            try await loop.flatSubmit { self.connect { self.idle.append($0) } }.get()
        }
    }

    func begin() async throws {
        try await loop.submit { self.startSending() }.get()
    }

    /// Sends nothing new; returns when everything sent was answered and every sample is final, or after `limit`.
    func end(within limit: TimeAmount) async throws -> (LoadCounts, LoadLatencies) {
        let quiet = loop.makePromise(of: Void.self)
        loop.execute {
            self.isRunning = false
            if case .open = self.pattern { self.counts.unsent = self.arrived(at: .now()) - self.sent }
            self.quiet = quiet
            self.settleIfQuiet()
            self.loop.assumeIsolated().scheduleTask(in: limit) { self.settle() }
        }
        try await quiet.futureResult.get()
        return try await loop.submit {
            self.counts.unwatched = self.watching
            for connection in self.idle + self.watchers { connection.close() }
            return (self.counts, self.latencies)
        }.get()
    }

    func snapshot() async throws -> LoadCounts {
        try await loop.submit { self.counts }.get()
    }

    // MARK: Sending

    private func startSending() {
        isRunning = true
        start = .now()
        switch pattern {
        case .closed, .single: for connection in drainIdle() { post(over: connection, since: .now()) }
        case .open: tick()
        }
    }

    private func drainIdle() -> [LoadConnection] {
        defer { idle = [] }
        return idle
    }

    private func arrived(at now: NIODeadline) -> Int {
        guard case .open(let rate, _) = pattern else { return 0 }
        return Int(Double((now - start).nanoseconds) * rate / 1e9) + 1
    }

    private func dueTime(of arrival: Int) -> NIODeadline {
        guard case .open(let rate, _) = pattern else { return .now() }
        return start + .nanoseconds(Int64(Double(arrival) * 1e9 / rate))
    }

    private func tick() {
        guard isRunning else { return }
        due = arrived(at: .now())
        sendDue()
        let next = max(dueTime(of: due), NIODeadline.now() + LoadGenerator.shortestTick)
        loop.assumeIsolated().scheduleTask(deadline: next) { self.tick() }
    }

    private func sendDue() {
        while isRunning, sent < due, let connection = idle.popLast() {
            let since = dueTime(of: sent)
            sent += 1
            post(over: connection, since: since)
        }
    }

    private func post(over connection: LoadConnection, since: NIODeadline) {
        inFlight += 1
        let sent = NIODeadline.now()
        let isSample = (counts.accepted + 1) % sampling == 0
        connection.send(requests.post, wantsLocation: isSample) { outcome in
            self.inFlight -= 1
            self.answered(outcome, over: connection, since: since, sent: sent)
            self.settleIfQuiet()
        }
    }

    private func answered(
        _ outcome: LoadConnection.Outcome, over connection: LoadConnection, since: NIODeadline, sent: NIODeadline
    ) {
        guard case .answer(let answer) = outcome else {
            counts.lost += 1
            return
        }
        let now = NIODeadline.now()
        let answerTime = Duration.nanoseconds((now - sent).nanoseconds)
        if answer.status == 201 {
            counts.accepted += 1
            latencies.post.add(.nanoseconds((now - since).nanoseconds))
            latencies.answer.add(answerTime)
            if let order = answer.location { watch(order, since: since) }
        } else {
            counts.refused[answer.status, default: 0] += 1
            latencies.refusal.add(answerTime)
        }
        goOn(over: connection, afterRefusal: answer.status != 201)
    }

    private func goOn(over connection: LoadConnection, afterRefusal: Bool) {
        switch pattern {
        case .open:
            idle.append(connection)
            sendDue()
        case .closed where isRunning && !afterRefusal:
            post(over: connection, since: .now())
        case .closed, .single:
            idle.append(connection)
            if afterRefusal { postLater(in: LoadGenerator.pauseAfterRefusal) }
        }
    }

    private func postLater(in pause: TimeAmount) {
        loop.assumeIsolated().scheduleTask(in: pause) {
            guard self.isRunning, let connection = self.idle.popLast() else { return }
            self.post(over: connection, since: .now())
        }
    }

    // MARK: Watching

    private func watch(_ order: String, since: NIODeadline) {
        watching += 1
        if let watcher = watchers.popLast() { return ask(about: order, over: watcher, since: since) }
        connect { self.ask(about: order, over: $0, since: since) }.whenFailure { _ in
            self.counts.lostWatches += 1
            self.stopWatching()
        }
    }

    private func ask(about order: String, over watcher: LoadConnection, since: NIODeadline) {
        watcher.send(requests.watch(order)) { outcome in
            guard case .answer(let answer) = outcome, answer.status == 200 else {
                self.counts.lostWatches += 1
                self.stopWatching()
                return
            }
            if answer.bodyContains(#""status":"PENDING""#) { return self.ask(about: order, over: watcher, since: since) }
            self.latencies.final.add(.nanoseconds((NIODeadline.now() - since).nanoseconds))
            self.watchers.append(watcher)
            self.stopWatching()
            if case .single(let pause) = self.pattern { self.postLater(in: .nanoseconds(Int64(pause / .nanoseconds(1)))) }
        }
    }

    private func stopWatching() {
        watching -= 1
        settleIfQuiet()
    }

    // MARK: Connections and the end

    private func connect(_ ready: @escaping (LoadConnection) -> Void) -> EventLoopFuture<Void> {
        let connection = NIOLoopBound(LoadConnection(closed: { self.closed($0) }), eventLoop: loop)
        let ready = NIOLoopBound(ready, eventLoop: loop)
        return ClientBootstrap(group: loop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(connection.value) }
            }
            .connect(host: target.host, port: target.port)
            .map { _ in
                self.open += 1
                ready.value(connection.value)
            }
    }

    /// A connection that was lost is replaced, so that a restart of the suite is followed by the same load.
    private func closed(_ connection: LoadConnection) {
        open -= 1
        watchers.removeAll { $0 === connection }
        let wasIdle = idle.contains { $0 === connection }
        idle.removeAll { $0 === connection }
        guard isRunning, wasIdle || open < pattern.connections else { return }
        reconnect()
    }

    private func reconnect() {
        loop.assumeIsolated().scheduleTask(in: LoadGenerator.pauseAfterRefusal) {
            guard self.isRunning else { return }
            self.connect { self.goOn(over: $0, afterRefusal: false) }.whenFailure { _ in self.reconnect() }
        }
    }

    private func settleIfQuiet() {
        if !isRunning, inFlight == 0, watching == 0 { settle() }
    }

    private func settle() {
        quiet?.succeed(())
        quiet = nil
    }
}
