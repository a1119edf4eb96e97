import SagaTestSupport
import Saga
import SagaStore
import Store
import Testing
import Wire

@Suite struct RetentionClockTests {
    private let hour: Int64 = 3600
    private let day: Int64 = 86_400

    @Test func `It follows a clock that is right`() {
        var clock = RetentionClock(saved: nil, wallClock: .start, uptime: .zero)
        for minute in 1...100 as ClosedRange<Int64> {
            clock.advance(to: .start + minute * 60, uptime: .seconds(minute * 60))
            #expect(clock.time == .start + minute * 60)
        }
        #expect(!clock.hasJumped)
    }

    @Test func `A clock that is set forward is followed four times as fast as time passes, loudly, and forgotten when it is set back`() {
        var clock = RetentionClock(saved: nil, wallClock: .start, uptime: .zero)
        clock.advance(to: .start + 8 * day, uptime: .seconds(60))
        #expect(clock.time == .start + 240)
        #expect(clock.hasJumped)
        clock.advance(to: .start + 8 * day + 60, uptime: .seconds(120))
        #expect(clock.time == .start + 480)
        clock.advance(to: .start + 180, uptime: .seconds(180))
        #expect(clock.time == .start + 180)
        #expect(!clock.hasJumped)
    }

    @Test func `What was written under a clock that was behind is not old when that is mended`() {
        var clock = RetentionClock(saved: nil, wallClock: .start + 8 * day, uptime: .zero)
        clock.advance(to: .start, uptime: .seconds(60))
        clock.advance(to: .start + 8 * day, uptime: .seconds(120))
        #expect(clock.time == .start + 240)
        #expect(clock.hasJumped)
    }

    @Test func `After a stop it catches up quietly while the service runs, however often that is stopped`() {
        var saved: Timestamp? = .start
        for run in 1...3 as ClosedRange<Int64> {
            // Eight hours of work a day.
            var clock = RetentionClock(saved: saved, wallClock: .start + run * day, uptime: .zero)
            #expect(clock.time < .start + (run - 1) * day + day / 2, "the night has not passed for it")
            for hours in 1...8 as ClosedRange<Int64> {
                clock.advance(to: .start + run * day + hours * hour, uptime: .seconds(hours * hour))
                #expect(!clock.hasJumped)
            }
            #expect(clock.lag == .zero)
            saved = clock.time
        }
    }

    @Test func `A restart with a clock that is wrong gains it minutes`() {
        let clock = RetentionClock(saved: .start, wallClock: .start + 8 * day, uptime: .zero)
        #expect(clock.time == .start + 300)
        #expect(RetentionClock(saved: .start, wallClock: .start + 30, uptime: .zero).time == .start + 30)
        #expect(RetentionClock(saved: .start + day, wallClock: .start, uptime: .zero).time == .start)
    }

    @Test func `It is saved, and begins with the newest event where no version has saved it`() async throws {
        let directory = try TestDirectory()
        let clock = ManualClock()
        let database = try Database(in: directory.path, clock: clock)
        #expect(try await database.read { try $0.retentionTime() } == nil)
        clock.now = .start + 5
        try await database.writer.write { _ = try $0.emit() }
        #expect(try await database.read { try $0.retentionTime() } == .start + 5)
        for time in [Timestamp.start + 7, .start + 6] {
            try await database.writer.write { try $0.saveRetentionTime(time) }
            #expect(try await database.read { try $0.retentionTime() } == time)
        }
    }
}
