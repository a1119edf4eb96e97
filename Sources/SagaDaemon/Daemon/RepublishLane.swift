import Logging
import SagaStore
import ServiceLifecycle
import Store
import Systemd
import Transport
import Wire

/// Publishes again what an operator asked for, only as fast as the others take it: at most a few such events are ahead of a new order,
/// and they never amount to a backlog.
struct RepublishLane: Service {
    private let database: Database
    private let outbox: OutboxLog
    private let log: Log
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// So many at once, and never more ahead of them.
    private let batch: Int

    init(database: Database, outbox: OutboxLog, backlogLimit: Int, log: Log) {
        // Both together are at most half of what may wait before orders are refused.
        batch = max(1, min(64, backlogLimit / 4))
        self.database = database
        self.outbox = outbox
        self.log = log
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        // What an earlier run left.
        wake.yield()
    }

    /// - Returns: how many events will be published again.
    func republish(since time: Timestamp) async throws -> Int {
        let lane = try await database.read { try $0.lane(since: time) }
        try await database.writer.write(isBounded: true) { try $0.open(lane) }
        wake.yield()
        return Int(lane.waiting)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in wakes { await work() }
        }
    }

    private func work() async {
        do {
            while true {
                try await waitForOthers()
                let isGoingOn = try await database.writer.write(isBounded: true) { [batch] in try $0.advanceLane(limit: batch) }
                if !isGoingOn { return }
            }
        } catch is CancellationError {
        } catch StoreError.closed {
        } catch {
            log.record(.warning, "events to be published again wait: \(error)")
            try? await Task.sleep(for: .seconds(1))
            wake.yield()
        }
    }

    /// Nothing tells when they have caught up; while they are away it is looked at ever more rarely.
    private func waitForOthers() async throws {
        var pause = Duration.milliseconds(2)
        while outbox.backlog > Int64(batch) {
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(500))
        }
    }
}
