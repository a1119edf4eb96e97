import DequeModule
import NIOCore
import Saga
package import Transport
package import SagaStore
import Store
import ServiceLifecycle
import Synchronization
package import Wire

/// The changes of orders for those who follow them live: read and rendered once, however many there are, and not at all where there is
/// nobody.
///
/// The newest are kept in memory. Who lags further behind reads the database, and holds up nobody: it is asked for what comes next, and
/// tells nobody anything.
package final class ChangeFeed: Sendable {
    private struct State {
        /// All changes behind `from` up to `to`.
        var recent: Deque<(position: Int64, event: ByteBuffer)> = []
        var from: Int64 = 0
        var to: Int64 = 0
        var followers = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Since when they wait; some have been served.
        var waiting: Deque<(key: Int, since: SteadyClock.Instant)> = []
        var nextWaiter = 0
    }

    /// What is to be written next.
    enum Next {
        /// Perhaps of no events.
        case events(ByteBuffer, reached: Int64)
        case nothing
        case expired
    }

    private let state = Mutex(State())
    private let outbox: OutboxLog
    private let database: Database
    private let clock: SteadyClock
    fileprivate let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private static let kept = 4096
    /// In one piece.
    private static let most = 256
    /// Shorter than what is promised, as it is looked at once a second.
    private static let patience = Duration.seconds(14)

    package init(outbox: OutboxLog, database: Database, clock: SteadyClock = .system) {
        self.outbox = outbox
        self.database = database
        self.clock = clock
    }

    // MARK: Followers

    /// Somebody follows from now on. Ends with `leave`.
    ///
    /// - Returns: the position of the newest change.
    func join() -> Int64 {
        let (isFirst, last) = state.withLock { state in
            state.followers += 1
            let last = outbox.last
            if state.followers == 1 {
                state.from = last
                state.to = last
            }
            return (state.followers == 1, last)
        }
        if isFirst { arrival.yield() }
        return last
    }

    func leave() {
        state.withLock { state in
            state.followers -= 1
            if state.followers == 0 { state.recent = [] }
        }
    }

    /// What is behind `position`, from memory where possible.
    func next(after position: Int64) async throws -> Next {
        let recent: Next? = state.withLock { state in
            if position >= state.to { return .nothing }
            guard position >= state.from else { return nil }
            // The newest are asked for most.
            var index = state.recent.endIndex
            while index > 0, state.recent[index - 1].position > position { index -= 1 }
            let end = min(index + Self.most, state.recent.endIndex)
            let reached = end == state.recent.endIndex ? state.to : state.recent[end - 1].position
            return .events(Self.joined(state.recent[index..<end].map(\.event)), reached: reached)
        }
        if let recent { return recent }
        switch try await database.read({ try $0.orderChanges(after: position) }) {
        case .found(let changes, let reached): return .events(Self.joined(changes.map(ServerSentEvent.change)), reached: reached)
        // The database is another one than it was.
        case .expired, .ahead: return .expired
        }
    }

    private static func joined(_ events: [ByteBuffer]) -> ByteBuffer {
        guard var all = events.first else { return ByteBuffer() }
        for event in events.dropFirst() { all.writeImmutableBuffer(event) }
        return all
    }

    /// Returns when there may be something behind `position`, before 15 seconds are over, or when the task is canceled.
    func wait(after position: Int64) async {
        let key = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.to > position || Task.isCancelled { return true }
                    state.waiters[key] = continuation
                    state.waiting.append((key, clock.now))
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: key) }?.resume()
        }
    }

    // MARK: Reading

    private var isFollowed: Bool { state.withLock { $0.followers > 0 } }

    /// Reads on while somebody follows.
    fileprivate func follow() async {
        while isFollowed, !Task.isCancelled {
            await outbox.waitForEntries(after: state.withLock(\.to))
            do {
                while try await read() {}
                // Those who wait are woken once for what comes meanwhile.
                try await Task.sleep(for: .milliseconds(10))
            } catch StoreError.closed {
                return
            } catch {
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// - Returns: whether there may be more.
    private func read() async throws -> Bool {
        let place = state.withLock(\.to)
        guard isFollowed, outbox.last > place else { return false }
        guard case .found(let changes, let reached) = try await database.read({ try $0.orderChanges(after: place) }) else {
            // Rows that were passed over have gone: whoever misses something reads that for himself.
            state.withLock { state in
                state.recent = []
                state.from = outbox.last
                state.to = state.from
            }
            return false
        }
        let events = changes.map { (position: $0.position, event: ServerSentEvent.change($0)) }
        let woken = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            // All had left, and others came.
            guard state.to == place else { return [] }
            state.recent.append(contentsOf: events)
            state.to = reached
            while state.recent.count > Self.kept { state.from = state.recent.removeFirst().position }
            defer {
                state.waiters = [:]
                state.waiting = []
            }
            return Array(state.waiters.values)
        }
        await wake(woken)
        return true
    }

    /// Wakes those who have waited for long, while somebody follows.
    fileprivate func watchPatience() async {
        while isFollowed {
            do { try await clock.sleep(for: .seconds(1)) } catch { return }
            let end = clock.now - Self.patience
            let woken = state.withLock { state in
                var woken: [CheckedContinuation<Void, Never>] = []
                while let first = state.waiting.first, first.since <= end {
                    state.waiting.removeFirst()
                    if let waiter = state.waiters.removeValue(forKey: first.key) { woken.append(waiter) }
                }
                return woken
            }
            await wake(woken)
        }
    }

    /// A few at a time, so that thousands who follow do not keep a new order waiting.
    private func wake(_ waiters: [CheckedContinuation<Void, Never>]) async {
        for (index, waiter) in waiters.enumerated() {
            waiter.resume()
            if index % 32 == 31 { await Task.yield() }
        }
    }

    /// Runs the feed, while somebody follows.
    package struct Runner: Service {
        let feed: ChangeFeed

        package init(feed: ChangeFeed) {
            self.feed = feed
        }

        package func run() async throws {
            await cancelWhenGracefulShutdown {
                for await _ in feed.arrivals {
                    await withTaskGroup { group in
                        group.addTask { await feed.follow() }
                        group.addTask { await feed.watchPatience() }
                        await group.next()
                        group.cancelAll()
                    }
                }
            }
        }
    }
}
