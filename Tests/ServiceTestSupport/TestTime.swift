import NIOCore
package import NIOEmbedded
import SagaTestSupport
package import Wire

/// The time of a service in a test, as the test says: the steady clock, the wall clock, and that of the event loop its connections are on.
package final class TestTime: Sendable {
    private struct State {
        var now = Duration.zero
        var sleepers: [Int: (until: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var next = 0
    }

    /// What the wall clock says at first.
    package static let origin = Timestamp(milliseconds: 1_767_225_600_000)

    package let loop = NIOAsyncTestingEventLoop()
    /// Each time the wall clock is read a microsecond has passed on it, so that what comes later is later.
    private let readings = Observed<Int64>(0)
    private let state = Observed(State())

    package init() {}

    package var clock: SteadyClock {
        SteadyClock(
            now: { SteadyClock.Instant(offset: self.state.state.now) }, sleep: { until, _ in try await self.sleep(until: until.offset) })
    }

    /// The milliseconds are those of the steady clock.
    package var wallClock: @Sendable () -> Timestamp {
        {
            self.readings.change { $0 += 1 }
            let time = TestTime.origin.advanced(by: self.state.state.now)
            return Timestamp(microseconds: time.microseconds + self.readings.state % 1000)
        }
    }

    /// Moves all of it forward: who has slept until then wakes up, and timers go off.
    package func advance(by duration: Duration) async {
        var woken: [CheckedContinuation<Void, any Error>] = []
        state.change { state in
            state.now += duration
            for (key, sleeper) in state.sleepers where sleeper.until <= state.now {
                woken.append(sleeper.continuation)
                state.sleepers[key] = nil
            }
        }
        for continuation in woken { continuation.resume() }
        await loop.advanceTime(by: TimeAmount(duration))
    }

    /// Returns when somebody sleeps until it is so much later than now.
    package func sleeper(for duration: Duration, count: Int = 1) async throws {
        let end = state.state.now + duration
        try await state.wait(for: "sleeper until \(end)") { state in
            state.sleepers.values.count { $0.until == end } >= count ? () : nil
        }
    }

    /// How many sleep now.
    package var sleepers: Int { state.state.sleepers.count }

    private func sleep(until end: Duration) async throws {
        var key = 0
        state.change { state in
            state.next += 1
            key = state.next
        }
        try await withTaskCancellationHandler { [key] in
            try await withCheckedThrowingContinuation { continuation in
                var isOver: Bool?
                state.change { state in
                    if Task.isCancelled {
                        isOver = false
                    } else if end <= state.now {
                        isOver = true
                    } else {
                        state.sleepers[key] = (end, continuation)
                    }
                }
                switch isOver {
                case true?: continuation.resume()
                case false?: continuation.resume(throwing: CancellationError())
                case nil: break
                }
            }
        } onCancel: { [key] in
            var sleeper: CheckedContinuation<Void, any Error>?
            state.change { sleeper = $0.sleepers.removeValue(forKey: key)?.continuation }
            sleeper?.resume(throwing: CancellationError())
        }
    }
}
