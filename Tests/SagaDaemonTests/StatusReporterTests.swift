import Logging
import NIOPosix
import SagaTestSupport
import Synchronization
import Systemd
import Testing

@testable import Transport
@testable import SagaDaemon

@Suite("The status reporter", .timeLimit(.minutes(1)))
struct StatusReporterTests {
    @Test("Rests when nothing changes, and yet tells of a change at once")
    func changeAtRest() async throws {
        let directory = try TestDirectory()
        let listener = try NotifyListener(address: "\(directory.path)/notify")
        let lifecycle = Lifecycle()
        lifecycle.enter(.running)
        let looks = Observed(0)
        let problems = Mutex<[String]>([])
        let health = Health(lifecycle: lifecycle, outbox: OutboxLog(followers: []), backlogLimit: 1) {
            looks.change { $0 += 1 }
            return TransportStatus(kind: "direct", isConnected: true, lags: [:], problems: problems.withLock { $0 })
        }
        let reporter = StatusReporter(
            health: health, notifier: SystemdNotifier(environment: ServiceEnvironment(["NOTIFY_SOCKET": listener.address])),
            log: Log(sink: LogSink(identity: LogIdentity(identifier: "test", fieldPrefix: "SAGA_")), threshold: LogThreshold(.critical)),
            eventLoop: MultiThreadedEventLoopGroup.singleton.any())
        let run = Task { try await reporter.run() }
        defer { run.cancel() }

        let first = try await looks.wait(for: "a look") { $0 > 0 ? $0 : nil }
        _ = try await looks.wait(for: "a second look, which finds nothing new") { $0 >= first + 3 ? true : nil }
        problems.withLock { $0 = ["payment is not reachable"] }
        health.changed.call()
        try await listener.message(with: "STATUS=degraded: payment is not reachable")
    }

    @Test("Says in the log what lasts, not what a start brings along", arguments: [(Duration.zero, true), (.seconds(3600), false)])
    func grace(_ grace: Duration, isLogged: Bool) async throws {
        let directory = try TestDirectory()
        let listener = try NotifyListener(address: "\(directory.path)/notify")
        let lifecycle = Lifecycle()
        lifecycle.enter(.running)
        let health = Health(lifecycle: lifecycle, outbox: OutboxLog(followers: []), backlogLimit: 1) {
            TransportStatus(kind: "direct", isConnected: false, lags: [:], problems: ["payment is not reachable"])
        }
        let messages = Observed<[String]>([])
        let sink = LogSink(backend: Recorder(messages: messages))
        let reporter = StatusReporter(
            health: health, notifier: SystemdNotifier(environment: ServiceEnvironment(["NOTIFY_SOCKET": listener.address])),
            log: Log(sink: sink, threshold: LogThreshold(.info)), eventLoop: MultiThreadedEventLoopGroup.singleton.any(), grace: grace)
        let run = Task { try await reporter.run() }
        defer { run.cancel() }
        // Written to the log first, if at all.
        try await listener.message(with: "STATUS=degraded: payment is not reachable")
        sink.drain(timeout: .seconds(5))
        #expect(messages.state == (isLogged ? ["degraded: payment is not reachable"] : []))
    }

    @Test("Says a new reason while there is another, and figures that change no second time")
    func furtherReason() async throws {
        let directory = try TestDirectory()
        let listener = try NotifyListener(address: "\(directory.path)/notify")
        let lifecycle = Lifecycle()
        lifecycle.enter(.running)
        let problems = Mutex(["no broker answers, for 6 s"])
        let health = Health(lifecycle: lifecycle, outbox: OutboxLog(followers: []), backlogLimit: 1) {
            TransportStatus(kind: "kafka", isConnected: false, lags: [:], problems: problems.withLock { $0 })
        }
        let messages = Observed<[String]>([])
        let sink = LogSink(backend: Recorder(messages: messages))
        let reporter = StatusReporter(
            health: health, notifier: SystemdNotifier(environment: ServiceEnvironment(["NOTIFY_SOCKET": listener.address])),
            log: Log(sink: sink, threshold: LogThreshold(.info)), eventLoop: MultiThreadedEventLoopGroup.singleton.any(), grace: .zero)
        let run = Task { try await reporter.run() }
        defer { run.cancel() }
        for change in [
            ["no broker answers, for 6 s"], ["no broker answers, for 16 s"], ["no broker answers, for 17 s", "the disk is full"],
        ] {
            problems.withLock { $0 = change }
            health.changed.call()
            try await listener.message(with: "STATUS=degraded: \(change.joined(separator: "; "))")
        }
        sink.drain(timeout: .seconds(5))
        #expect(messages.state == ["degraded: no broker answers, for 6 s", "degraded: no broker answers, for 17 s; the disk is full"])
    }

    private struct Recorder: LogBackend {
        let messages: Observed<[String]>

        func write(_ records: [LogRecord]) -> Int {
            messages.change { $0 += records.map(\.message) }
            return 0
        }
    }
}
