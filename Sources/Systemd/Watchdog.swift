package import Logging

internal import Glibc
internal import ServiceLifecycle

/// Sends `WATCHDOG=1` as long as every vital part of the service makes progress, so that systemd ends and restarts a service that
/// hangs (sd_watchdog_enabled(3), `WatchdogSec=` in systemd.service(5)).
///
/// All vitals are probed at once, three times per watchdog period, and the ping goes out when the last of them has answered. A vital
/// that does not answer before the next probe, or answers that it is not well, is logged once and holds the pings back until it
/// recovers. Without a watchdog the service only waits for the shutdown.
///
/// Belongs in the list of services after the parts it probes: it is then asked to stop before they are, and does not mistake
/// their end for a stall.
package struct Watchdog: Service {
    private enum Event: Sendable {
        case tick
        case answered(Int, isWell: Bool)
    }

    private let period: Duration?
    private let vitals: [WatchdogVital]
    private let notifier: SystemdNotifier
    private let logger: Logger

    package init(
        vitals: [WatchdogVital],
        notifier: SystemdNotifier,
        logger: Logger,
        environment: ServiceEnvironment = .process
    ) {
        self.period = Self.period(environment: environment, processID: getpid())
        self.vitals = vitals
        self.notifier = notifier
        self.logger = logger
    }

    /// How long systemd waits for a sign of life of this process; `nil` when it does not.
    static func period(environment: ServiceEnvironment, processID: CInt) -> Duration? {
        guard let value = environment["WATCHDOG_USEC"], let microseconds = Int64(value), microseconds > 0 else { return nil }
        if let pid = environment["WATCHDOG_PID"], CInt(pid) != processID { return nil }
        return .microseconds(microseconds)
    }

    package func run() async throws {
        guard let period else {
            try await gracefulShutdown()
            return
        }
        let (events, feed) = AsyncStream.makeStream(of: Event.self)
        await withTaskGroup { group in
            group.addTask {
                // systemd counts in CLOCK_MONOTONIC, which stands still while the machine is suspended.
                let clock = SuspendingClock()
                while !Task.isCancelled {
                    feed.yield(.tick)
                    try? await Task.sleep(for: period / 3, clock: clock)
                }
            }
            var rounds = WatchdogRounds(vitalCount: vitals.count)
            for await event in events.cancelOnGracefulShutdown() {
                let actions =
                    switch event {
                    case .tick: rounds.tick()
                    case .answered(let index, let isWell): rounds.answered(index, isWell: isWell)
                    }
                for action in actions { perform(action, feed: feed) }
            }
            group.cancelAll()
        }
    }

    private func perform(_ action: WatchdogRounds.Action, feed: AsyncStream<Event>.Continuation) {
        switch action {
        case .probe(let index):
            // Not a child task: the end of the watchdog must not wait for a probe that hangs.
            let probe = vitals[index].probe
            Task { feed.yield(.answered(index, isWell: await probe())) }
        case .ping:
            notifier.watchdog()
        case .reportStall(let index):
            logger.error("No progress; the watchdog is not fed", metadata: ["vital": "\(vitals[index].name)"])
        case .reportRecovery(let index):
            logger.notice("Progress again", metadata: ["vital": "\(vitals[index].name)"])
        }
    }
}
