import Logging
import Saga
import ServiceLifecycle
package import Systemd
import Transport

/// READY=1 when everything runs, STOPPING=1 first when it ends: last in the list of services, so asked first to stop.
package struct ReadyAnnouncement: Service {
    private let lifecycle: Lifecycle
    private let health: Health
    private let notifier: SystemdNotifier
    private let log: Log
    /// Returns when the transport is subscribed, or known not to be reachable.
    private let settled: @Sendable () async -> Void

    package init(lifecycle: Lifecycle, health: Health, notifier: SystemdNotifier, log: Log, settled: @escaping @Sendable () async -> Void) {
        self.lifecycle = lifecycle
        self.health = health
        self.notifier = notifier
        self.log = log
        self.settled = settled
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await settled() }
            // Another part may have failed before it came to that.
            if !Task.isShuttingDownGracefully, !Task.isCancelled {
                lifecycle.enter(.running)
                let (state, reasons) = await health.current()
                notifier.ready(status: health.statusLine(state, reasons))
                log.record(.notice, "ready, version \(Version.current)", messageID: MessageID.started)
            }
            try await gracefulShutdown()
        } onGracefulShutdown: {
            lifecycle.enter(.stopping)
            notifier.stopping(status: "stopping")
            log.record(.notice, "stopping")
        }
    }
}
