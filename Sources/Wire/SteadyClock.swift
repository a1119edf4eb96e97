/// The time of everything that is due after a while: it only goes forward, and stands still while the machine sleeps, so that neither a
/// wall clock that is set nor a night in suspension makes anything late.
///
/// Handed to whoever waits, so that a test decides how fast it goes. Its instants mean nothing to another process.
package struct SteadyClock: Clock {
    package struct Instant: InstantProtocol {
        /// Since an origin that is the clock's own.
        package let offset: Duration

        package init(offset: Duration) {
            self.offset = offset
        }

        package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }

        package func duration(to other: Instant) -> Duration { other.offset - offset }

        package static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
        package static func + (a: Instant, b: Duration) -> Instant { a.advanced(by: b) }
        package static func - (a: Instant, b: Duration) -> Instant { a.advanced(by: .zero - b) }
        package static func - (a: Instant, b: Instant) -> Duration { b.duration(to: a) }
    }

    private let read: @Sendable () -> Instant
    private let pause: @Sendable (Instant, Duration?) async throws -> Void

    /// - Parameters:
    ///   - now: reads the time.
    ///   - sleep: returns at the instant, or throws when its task is canceled.
    package init(
        now: @escaping @Sendable () -> Instant, sleep: @escaping @Sendable (_ until: Instant, _ tolerance: Duration?) async throws -> Void
    ) {
        read = now
        pause = sleep
    }

    package static let system: SteadyClock = {
        let origin = SuspendingClock.now
        return SteadyClock(
            now: { Instant(offset: origin.duration(to: .now)) },
            sleep: { try await Task.sleep(until: origin.advanced(by: $0.offset), tolerance: $1, clock: .suspending) })
    }()

    package var now: Instant { read() }

    package var minimumResolution: Duration { .zero }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await pause(deadline, tolerance)
    }
}
