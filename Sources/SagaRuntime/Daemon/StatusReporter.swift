import Logging
import SagaStore
import ServiceLifecycle
package import Systemd

/// Tells the service manager and the journal when the daemon becomes degraded or recovers, and keeps the status line of
/// `systemctl status` true. Looks once a second.
package struct StatusReporter: Service {
    private let health: Health
    private let outbox: OutboxLog
    private let transport: any Transport
    private let notifier: SystemdNotifier
    private let log: Log

    package init(health: Health, outbox: OutboxLog, transport: any Transport, notifier: SystemdNotifier, log: Log) {
        self.health = health
        self.outbox = outbox
        self.transport = transport
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
                    notifier.status(line(state, reasons))
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

    private func line(_ state: Health.State, _ reasons: [String]) -> String {
        let status = transport.status
        guard state == .ready else { return "\(state.rawValue): \(reasons.joined(separator: "; "))" }
        return "\(state.rawValue), transport \(status.kind), \(outbox.backlog) events to publish, \(status.lag) to apply"
    }
}
