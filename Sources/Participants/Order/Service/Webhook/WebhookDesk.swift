import Logging
import Outbound
import Saga
import SagaConfiguration
import SagaDaemon
import SagaStore
import Store
import ServiceLifecycle
import Synchronization
import Systemd
import Transport
import Wire

/// Tells the receiver of webhooks of every order that became final, at least once: each until it takes it, for up to a day.
///
/// What is to be delivered is in the database; a crash on either side loses nothing, and what was on its way is sent again, under the same
/// id. An order has one final status, so there is one webhook for each, and its id is the order's. Nothing of this is on an order's way.
final class WebhookDesk: Sendable {
    private struct State {
        var lanes = WebhookLanes()
        var pending: Int64 = 0
        var givenUp: Int64 = 0
        /// Since when the receiver has taken nothing, and why not.
        var trouble: (since: ContinuousClock.Instant, problem: String)?
        var lastWarning: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let intake: WebhookIntake
    private let context: ServiceContext
    private let configuration: Configuration.Order.Webhook
    private let signature: WebhookSignature
    private let changed = WakeUp()

    /// How long a place rests after a failure: so a receiver that is away is asked no more than `WebhookLanes.places` times a second.
    private static let rest = Duration.seconds(1)
    /// A receiver that is restarted is no trouble yet.
    private static let patience = Duration.seconds(60)
    private static let chunk = 256

    /// nil without a webhook: then nothing is read, written or kept for one.
    init?(context: ServiceContext) {
        configuration = context.configuration.order.webhook
        guard !configuration.url.isEmpty else { return nil }
        self.context = context
        intake = WebhookIntake(outbox: context.outbox, database: context.database)
        signature = WebhookSignature(secrets: configuration.secrets)
    }

    var pending: Int64 { state.withLock(\.pending) }

    /// Behind which the outbox is needed still.
    var position: Int64 { intake.saved }

    /// What an operator should know of it, in words.
    var conditions: [String] {
        state.withLock { state in
            var conditions: [String] = []
            if let trouble = state.trouble, trouble.since + Self.patience <= .now {
                conditions.append("the webhook's receiver takes no orders, \(state.pending) wait: \(trouble.problem)")
            }
            if state.givenUp > 0 {
                conditions.append(
                    "\(state.givenUp) orders were not taken by the webhook's receiver for a day and are given up: "
                        + "sagactl webhooks retry sends them again, sagactl webhooks discard forgets them")
            }
            return conditions
        }
    }

    /// Those that are given up: sent again, or forgotten.
    ///
    /// - Returns: how many.
    func settle(sendingAgain: Bool) async throws -> Int {
        var settled = 0
        while true {
            let count = try await context.database.writer.write(isBounded: true) { [self] transaction in
                let count = try sendingAgain ? transaction.sendAgain(limit: Self.chunk) : transaction.forgetDeliveries(limit: Self.chunk)
                transaction.afterCommit { [self] in
                    state.withLock { state in
                        state.givenUp -= Int64(count)
                        if sendingAgain { state.pending += Int64(count) }
                    }
                }
                return count
            }
            settled += count
            if count < Self.chunk { break }
        }
        changed.call()
        return settled
    }

    // MARK: Running

    struct Runner: Service {
        let desk: WebhookDesk

        func run() async throws {
            let client = OutboundClient(connections: WebhookLanes.places, caFile: desk.configuration.caFile)
            await cancelWhenGracefulShutdown {
                guard await desk.begin() else { return }
                await withDiscardingTaskGroup { group in
                    group.addTask { await desk.noteDecisions() }
                    group.addTask { await desk.deliver(through: client) }
                }
            }
            await client.close()
        }
    }

    /// - Returns: false where the daemon stops before it can.
    private func begin() async -> Bool {
        let begun: Void? = await persistently { [self] in
            let isMissing = try await intake.begin()
            let counts = try await context.database.read { try $0.webhookCounts() }
            state.withLock { ($0.pending, $0.givenUp) = counts }
            if isMissing {
                context.log.record(
                    .warning,
                    "the webhook's receiver is not told of all that was decided while there was no webhook: it was for longer than retention"
                )
            }
        }
        return begun != nil
    }

    private func noteDecisions() async {
        while !Task.isCancelled {
            await intake.waitForMore()
            let done: Void? = await persistently { [self] in
                while let count = try await intake.noteDecisions() {
                    guard count > 0 else { continue }
                    state.withLock { $0.pending += Int64(count) }
                    changed.call()
                }
                // What comes meanwhile is noted together.
                try await Task.sleep(for: .milliseconds(10))
            }
            guard done != nil else { return }
        }
    }

    private func deliver(through client: OutboundClient) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let now = context.clock()
                do {
                    for delivery in try await next(at: now) {
                        group.addTask { [self] in
                            await attempt(delivery, through: client)
                            state.withLock { $0.lanes.over(delivery) }
                            changed.call()
                        }
                    }
                    let next = try await context.database.read { try $0.nextDelivery(after: now) }
                    await sleep(for: next.map { .microseconds($0.microseconds - now.microseconds) })
                } catch {
                    await sleep(for: .seconds(1))
                }
            }
        }
    }

    private func next(at now: Timestamp) async throws -> [WebhookDelivery] {
        let lanes = state.withLock(\.lanes)
        let (new, due) = try await context.database.read { snapshot in
            (
                lanes.wantsNew ? try snapshot.newDeliveries(behind: lanes.read, limit: Self.chunk) : [],
                lanes.again.count < WebhookLanes.placesAgain
                    ? try snapshot.dueDeliveries(at: now, limit: 2 * WebhookLanes.placesAgain) : []
            )
        }
        // What was on its way when this was read may be settled by now.
        let settled = lanes.first.union(lanes.again)
        return state.withLock { state in
            state.lanes.add(new: new)
            return state.lanes.next(due: due.filter { !settled.contains($0.position) })
        }
    }

    /// Never longer than a while, so that a clock that was set is noticed.
    private func sleep(for wanted: Duration?) async {
        let alarm = Task { [changed] in
            try? await Task.sleep(for: min(wanted ?? .seconds(10), .seconds(10)))
            if !Task.isCancelled { changed.call() }
        }
        await changed.wait()
        alarm.cancel()
    }

    // MARK: One delivery

    private func attempt(_ delivery: WebhookDelivery, through client: OutboundClient) async {
        guard let found = await persistently({ [self] in try await context.database.read { try $0.order(delivery.orderID) } }) else {
            return
        }
        // Purged meanwhile.
        guard let order = found else { return await save(delivery, .gone) }
        let body = order.json
        let fields =
            [("content-type", "application/json"), ("user-agent", "sagad/\(Version.current)")]
            + signature.fields(of: body, id: "\(delivery.orderID)", time: context.clock())
        let outcome: Outcome
        do throws(OutboundError) {
            let answer = try await client.post(configuration.url, fields, body, within: configuration.timeout)
            outcome = answer.isSuccess ? .taken : .failed("it answered \(answer.status)", retryAfter: answer.retryAfter)
        } catch {
            outcome = .failed("\(error)", retryAfter: nil)
        }
        // Who is stopped sends it again after the next start.
        if Task.isCancelled { return }
        await save(delivery, outcome)
        if case .failed = outcome { try? await Task.sleep(for: Self.rest) }
    }

    private enum Outcome {
        case taken
        case failed(String, retryAfter: Duration?)
        case gone
    }

    private func save(_ delivery: WebhookDelivery, _ outcome: Outcome) async {
        _ = await persistently { [self] in
            switch outcome {
            case .taken, .gone:
                try await context.database.writer.write(isBounded: true) { try $0.deleteDelivery(delivery.position) }
                state.withLock { state in
                    state.pending -= 1
                    if case .taken = outcome { state.trouble = nil }
                }
            case .failed(let problem, let retryAfter):
                try await postpone(delivery, problem, retryAfter)
            }
        }
    }

    private func postpone(_ delivery: WebhookDelivery, _ problem: String, _ retryAfter: Duration?) async throws {
        let delay = WebhookSchedule.delay(
            failures: delivery.failures, waited: delivery.waited, retryAfter: retryAfter, jitter: .random(in: 0...1))
        var failed = delivery
        failed.failures += 1
        failed.waited += delay ?? .zero
        let (later, next) = (failed, delay.map { context.clock().advanced(by: $0) })
        try await context.database.writer.write(isBounded: true) { try $0.postpone(later, until: next, because: problem) }
        let isNews = state.withLock { state in
            state.trouble = (state.trouble?.since ?? .now, problem)
            guard next != nil else {
                state.pending -= 1
                state.givenUp += 1
                return true
            }
            // A receiver that is away for long is no news for each order.
            if let last = state.lastWarning, last + Self.patience > .now { return false }
            state.lastWarning = .now
            return true
        }
        let fields: LogFields = ["order_id": delivery.orderID.description]
        if let next {
            context.log.record(
                isNews ? .warning : .debug, "the webhook's receiver did not take an order, which is sent again at \(next): \(problem)",
                fields: fields)
        } else {
            context.log.record(
                .error,
                "the webhook's receiver has not taken an order for a day, and it is given up: \(problem); sagactl webhooks retry sends it again",
                fields: fields, messageID: MessageID.webhookGivenUp)
        }
    }

    /// Until it works; while nothing can be stored, nothing is lost by waiting.
    ///
    /// - Returns: nil where the daemon stops before it does.
    private func persistently<Result: Sendable>(_ body: @Sendable () async throws -> Result) async -> Result? {
        while !Task.isCancelled {
            do {
                return try await body()
            } catch StoreError.closed {
                return nil
            } catch is CancellationError {
                return nil
            } catch {
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return nil
    }
}
