import Logging
package import Saga
import Transport
package import SagaDaemon
import SagaStore
import Store
import ServiceLifecycle
import Synchronization
import Systemd
import Wire

/// Cancels orders that nobody has decided in time.
///
/// While the process runs it counts on the monotonic clock, so a clock that jumps cancels nothing. Only after a restart the stored
/// time says how old an order is. An order due while the database cannot be written is canceled when it can. One that cannot be
/// canceled for a reason of its own is tried again for as long as it takes, ever more rarely, and holds up no other.
package final class OrderDeadline: Sendable {
    private let queue: Mutex<DeadlineQueue<SteadyClock.Instant>>
    private let context: ServiceContext
    private let clock: SteadyClock
    fileprivate let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    package init(limit: Duration, context: ServiceContext) {
        queue = Mutex(DeadlineQueue(limit: limit))
        self.context = context
        clock = context.steadyClock
    }

    /// Takes over the orders an earlier run left undecided; called once, before any is placed.
    package func restore() throws {
        let pending = try context.database.read { try $0.pendingOrders() }
        queue.withLock { $0.restore(pending, wallClock: context.clock(), at: clock.now) }
        wakeUp.yield()
    }

    /// The time an undecided order is given; also of the orders that are waiting already.
    package func setLimit(_ limit: Duration) {
        queue.withLock { $0.limit = limit }
        wakeUp.yield()
    }

    package func placed(_ id: OrderID) {
        let isFirst = queue.withLock { $0.placed(id, at: clock.now) }
        if isFirst { wakeUp.yield() }
    }

    /// How many orders are undecided.
    package var count: Int { queue.withLock(\.count) }

    package func decided(_ id: OrderID) {
        queue.withLock { $0.decided(id) }
    }

    /// Runs the deadline: cancels by way of `reactions`.
    package struct Runner: Service {
        let deadline: OrderDeadline
        let reactions: OrderReactions

        package init(deadline: OrderDeadline, reactions: OrderReactions) {
            self.deadline = deadline
            self.reactions = reactions
        }

        package func run() async throws {
            await cancelWhenGracefulShutdown {
                for await _ in deadline.wakeUps { await deadline.cancelWhatIsDue(reactions) }
            }
        }
    }

    /// Returns when nothing is undecided.
    fileprivate func cancelWhatIsDue(_ reactions: OrderReactions) async {
        var outage: StoreError?
        while !Task.isCancelled, let next = queue.withLock({ $0.nextDue }) {
            let wait = clock.now.duration(to: next)
            if wait > .zero {
                // Never longer than a second, so that a new limit is noticed.
                do { try await clock.sleep(for: min(wait, .seconds(1))) } catch { return }
                continue
            }
            let failure = await cancel(queue.withLock { $0.due(at: clock.now) }, reactions)
            if let failure {
                if failure != outage { context.log.record(.warning, "Orders past their deadline could not be canceled yet: \(failure)") }
                try? await clock.sleep(for: .seconds(1))
            }
            outage = failure
        }
    }

    /// Each is work of its own, so that one that fails leaves the others alone; the writer makes them durable together.
    ///
    /// - Returns: what keeps the database from being written at all, if anything.
    private func cancel(_ ids: [OrderID], _ reactions: OrderReactions) async -> StoreError? {
        await withTaskGroup(of: StoreError?.self) { group in
            for id in ids { group.addTask { await self.cancel(id, reactions) } }
            return await group.reduce(nil) { $0 ?? $1 }
        }
    }

    private func cancel(_ id: OrderID, _ reactions: OrderReactions) async -> StoreError? {
        do {
            let canceled = try await context.database.writer.write(isBounded: true) { try reactions.cancel(id, .deadlineExceeded, in: $0) }
            if let canceled, canceled.handled.outcome == .applied {
                context.decided(
                    "order canceled by its deadline", order: id, canceled.order.trace, canceled.handled, level: .warning,
                    messageID: MessageID.orderDeadlineExceeded)
            }
            // One decided by somebody else in between has been told to `decided` as well.
            decided(id)
        } catch let error as StoreError where error.isInfrastructure {
            return error
        } catch {
            let isNew = queue.withLock { $0.postpone(id, because: "\(error)", at: clock.now) }
            if isNew {
                context.log.record(
                    .error, "order past its deadline could not be canceled, and is tried again: \(error)",
                    fields: ["order_id": id.description])
            }
        }
        return nil
    }
}
