import Logging
import SagaDaemon
import SagaStore
import Store
import SagaTestSupport
import Systemd
import Testing
import Wire

@Suite struct RetentionWatchTests {
    private let directory: TestDirectory
    private let database: Database
    private let wallClock = Observed(0 as Int64)
    private let uptime = Observed(0 as Int64)
    private let watch: RetentionWatch

    init() throws {
        directory = try TestDirectory()
        database = try Database(
            engine: SQLiteEngine(directory: directory.path), schema: Schema(""), clock: { Timestamp(milliseconds: 1) },
            initialize: { _ in }, prepareCommit: { _ in }, committed: { _ in }, failed: { _ in })
        let (wallClock, uptime) = (wallClock, uptime)
        watch = RetentionWatch(
            log: Log(sink: LogSink(identity: LogIdentity(identifier: "test", fieldPrefix: "SAGA_")), threshold: LogThreshold(.critical)),
            wallClock: { Timestamp(milliseconds: wallClock.state * 1000) }, uptime: { .seconds(uptime.state) })
    }

    private func cutoff() async throws -> Timestamp {
        try await watch.cutoff(.seconds(7 * 86_400), in: database)
    }

    @Test func `Fault 48, the wall clock 8 days ahead for a minute: nothing is deleted by it, and it is said`() async throws {
        let now: Int64 = 1_767_225_600
        wallClock.change { $0 = now }
        #expect(try await cutoff() == Timestamp(milliseconds: (now - 7 * 86_400) * 1000))
        #expect(watch.doubt == nil)

        wallClock.change { $0 = now + 8 * 86_400 }
        uptime.change { $0 = 60 }
        #expect(try await cutoff() == Timestamp(milliseconds: (now - 7 * 86_400 + 240) * 1000))
        #expect(watch.doubt?.contains("7 days") == true)

        wallClock.change { $0 = now + 120 }
        uptime.change { $0 = 120 }
        #expect(try await cutoff() == Timestamp(milliseconds: (now - 7 * 86_400 + 120) * 1000))
        #expect(watch.doubt == nil)
        #expect(try await database.read { try $0.retentionTime() } == Timestamp(milliseconds: (now + 120) * 1000))
    }
}
