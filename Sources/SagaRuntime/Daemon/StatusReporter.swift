import Logging
import SagaStore
import ServiceLifecycle
package import Systemd

/// Tells the service manager and the journal when the daemon becomes degraded or recovers, and keeps the status line of
/// `systemctl status` true. Looks once a second.
package struct StatusReporter: Service {
    private let health: Health
    private let notifier: SystemdNotifier
    private let log: Log

    package init(health: Health, notifier: SystemdNotifier, log: Log) {
        self.health = health
        self.notifier = notifier
        self.log = log
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var reported: [String] = []
            while !Task.isCancelled {
                let (state, reasons) = health.current()
                if state == .ready || state == .degraded {
                    report(reasons, before: reported)
                    reported = reasons
                    notifier.status(health.statusLine())
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func report(_ reasons: [String], before: [String]) {
        if reasons.isEmpty, !before.isEmpty {
            log.record(.notice, "recovered", messageID: MessageID.recovered)
        } else if !reasons.isEmpty, before.isEmpty {
            log.record(.warning, "degraded: \(reasons.joined(separator: "; "))", messageID: MessageID.degraded)
        }
    }
}
