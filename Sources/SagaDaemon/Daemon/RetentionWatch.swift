import Logging
package import SagaStore
import Store
import Synchronization
package import Systemd
package import Wire

/// Says up to where what has expired is deleted, and says so loudly where the system clock is not believed.
package final class RetentionWatch: Sendable {
    private struct State {
        var clock: RetentionClock?
        var hasJumped = false
    }

    private let state = Mutex(State())
    private let wallClock: @Sendable () -> Timestamp
    private let uptime: @Sendable () -> Duration
    private let log: Log

    package init(
        log: Log, wallClock: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> Duration = RetentionWatch.uptime
    ) {
        self.log = log
        self.wallClock = wallClock
        self.uptime = uptime
    }

    /// Of the system, also while it sleeps.
    package static let uptime: @Sendable () -> Duration = { [start = ContinuousClock.now] in start.duration(to: .now) }

    /// What was written before this much before now has expired. Saves how far time has come.
    package func cutoff(_ retention: Duration, in database: Database) async throws -> Timestamp {
        let isFirst = state.withLock { $0.clock == nil }
        let saved = isFirst ? try await database.read { try $0.retentionTime() } : nil
        let clock = state.withLock { state in
            var clock = state.clock ?? RetentionClock(saved: saved, wallClock: wallClock(), uptime: uptime())
            clock.advance(to: wallClock(), uptime: uptime())
            state.clock = clock
            return clock
        }
        report(clock, isFirst: isFirst)
        try await database.writer.write(isBounded: true) { try $0.saveRetentionTime(clock.time) }
        let age = retention.components
        return Timestamp(microseconds: clock.time.microseconds - age.seconds * 1_000_000 - age.attoseconds / 1_000_000_000_000)
    }

    /// Why what has expired is kept, in words; nil while the system clock is believed.
    package var doubt: String? {
        state.withLock { state in
            guard let clock = state.clock, clock.hasJumped else { return nil }
            return "the system clock was set forward by \(RetentionWatch.text(clock.lag)): what expires by it is kept for now; "
                + "if the clock is right, a restart clears this"
        }
    }

    private func report(_ clock: RetentionClock, isFirst: Bool) {
        let isNew = state.withLock { state in
            defer { state.hasJumped = clock.hasJumped }
            return clock.hasJumped && !state.hasJumped
        }
        if isNew, let doubt {
            log.record(.warning, "\(doubt)")
        } else if isFirst, clock.lag > .seconds(3600) {
            log.record(
                .warning,
                "this service was last at work \(RetentionWatch.text(clock.lag)) ago, by the system clock: expired events and idempotency "
                    + "keys are deleted no faster than four times as fast as time passes, until that is caught up")
        }
    }

    private static func text(_ duration: Duration) -> String {
        let minutes = duration.components.seconds / 60
        return minutes >= 2880 ? "\(minutes / 1440) days" : minutes >= 120 ? "\(minutes / 60) hours" : "\(minutes) minutes"
    }
}
