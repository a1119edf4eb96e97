import Foundation
import Logging
import SagaTestSupport
import ServiceLifecycle
import Synchronization
import Testing

@testable import Systemd

@Suite("The watchdog", .timeLimit(.minutes(1)))
struct WatchdogTests {
    @Test(
        "The period is what systemd announces to this very process",
        arguments: [
            (["WATCHDOG_USEC": "30000000"], Duration.seconds(30)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"], .seconds(30)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"], nil),
            (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "soon"], nil),
            ([:], nil),
        ])
    func period(variables: [String: String], expected: Duration?) {
        #expect(Watchdog.period(environment: ServiceEnvironment(variables), processID: 42) == expected)
    }

    @Test("Pings go out at least twice per period, and not more often than three times")
    func pace() async throws {
        let listener = try NotifyListener()
        let period = Duration.milliseconds(1500)
        try await withRunning(vitals: [WatchdogVital("writer") { true }], period: period, listener: listener) { _ async throws in
            #expect(try await listener.next() == "WATCHDOG=1")
            let start = ContinuousClock.now
            #expect(try await listener.next() == "WATCHDOG=1")
            #expect(try await listener.next() == "WATCHDOG=1")
            let elapsed = ContinuousClock.now - start
            #expect(elapsed < period)
            #expect(elapsed > period / 3)
        }
    }

    @Test("A vital that hangs stops the pings and is named once; they resume when it recovers")
    func hangAndRecovery() async throws {
        let listener = try NotifyListener()
        let notifier = SystemdNotifier(environment: ServiceEnvironment(["NOTIFY_SOCKET": listener.address]))
        let writer = HangingVital()
        let (loopProbes, loopFeed) = AsyncStream.makeStream(of: Void.self)
        let vitals = [
            WatchdogVital("writer") { await writer.probe() },
            WatchdogVital("loop") {
                loopFeed.yield()
                return true
            },
        ]
        try await withRunning(vitals: vitals, period: .milliseconds(60), listener: listener) { log in
            #expect(try await listener.next() == "WATCHDOG=1")
            #expect(try await listener.next() == "WATCHDOG=1")

            writer.hang()
            let stall = try #require(await next(about: "writer", in: log))
            #expect(stall.level == .error)

            notifier.status("stalled")
            while case let message = try await listener.next(), message != "STATUS=stalled" { #expect(message == "WATCHDOG=1") }
            var probes = loopProbes.makeAsyncIterator()
            for _ in 1...20 { await probes.next() }
            notifier.status("still stalled")
            #expect(try await listener.next() == "STATUS=still stalled")

            writer.recover()
            #expect(try await listener.next() == "WATCHDOG=1")
            let recovery = try #require(await next(about: "writer", in: log))
            #expect(recovery.level == .notice)
            #expect(try await listener.next() == "WATCHDOG=1")
        }
    }

    @Test("The end of the service does not wait for a probe that hangs")
    func shutdownWhileHanging() async throws {
        let listener = try NotifyListener()
        let writer = HangingVital()
        writer.hang()
        try await withRunning(vitals: [WatchdogVital("writer") { await writer.probe() }], period: .milliseconds(60), listener: listener) {
            log in
            #expect(await log.next()?.level == .error)
        }
        writer.recover()
    }

    @Test("Without a watchdog the service probes nothing and ends with the others")
    func disabled() async throws {
        let listener = try NotifyListener()
        let vital = WatchdogVital("writer") {
            Issue.record("probed without a watchdog")
            return true
        }
        try await withRunning(vitals: [vital], period: nil, listener: listener) { _ in }
    }

    /// Passes over the others: where the machine is busy, one that is well can be late as well.
    private func next(about vital: String, in log: RecordingBackend) async -> LogRecord? {
        while let record = await log.next() {
            if record.fields.texts.contains("vital=\(vital)") { return record }
        }
        return nil
    }

    private func withRunning(
        vitals: [WatchdogVital],
        period: Duration?,
        listener: NotifyListener,
        body: (RecordingBackend) async throws -> Void
    ) async throws {
        var variables = ["NOTIFY_SOCKET": listener.address]
        if let period { variables["WATCHDOG_USEC"] = String(period / .microseconds(1)).replacingOccurrences(of: ".0", with: "") }
        let environment = ServiceEnvironment(variables)
        let backend = RecordingBackend()
        let log = Log(sink: LogSink(backend: backend), threshold: LogThreshold(.info))
        let watchdog = Watchdog(
            vitals: vitals,
            notifier: SystemdNotifier(environment: environment),
            logger: log.logger(label: "watchdog"),
            environment: environment)
        let group = ServiceGroup(services: [watchdog], logger: Logger(label: "quiet", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await body(backend)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

/// A vital that answers at once, or, once it hangs, not before it recovers.
private final class HangingVital: Sendable {
    private struct State {
        var hangs = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func probe() async -> Bool {
        await withCheckedContinuation { continuation in
            let answersNow = state.withLock { state in
                if state.hangs { state.waiting.append(continuation) }
                return !state.hangs
            }
            if answersNow { continuation.resume() }
        }
        return true
    }

    func hang() { state.withLock { $0.hangs = true } }

    func recover() {
        let waiting = state.withLock { state in
            defer { state = State() }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
