import Logging
package import NIOCore
import SagaStore
import ServiceLifecycle
package import Systemd
import Transport

/// Tells the service manager and the journal when the daemon becomes degraded, for what, and when it recovers, and keeps the status line of
/// `systemctl status` true.
///
/// What is over within the first seconds is no trouble, but a start: the daemons come in any order, and none waits for another.
///
/// Looks when it is told of a change, once a second while something goes on, and every ten seconds at rest, for what only time brings.
package struct StatusReporter: Service {
    private let health: Health
    private let notifier: SystemdNotifier
    private let log: Log
    private let eventLoop: any EventLoop
    private let grace: Duration
    private static let interval = (busy: TimeAmount.seconds(1), calm: TimeAmount.seconds(10))

    package init(health: Health, notifier: SystemdNotifier, log: Log, eventLoop: any EventLoop, grace: Duration = .seconds(5)) {
        self.health = health
        self.notifier = notifier
        self.log = log
        self.eventLoop = eventLoop
        self.grace = grace
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            let graceEnds = ContinuousClock.now + grace
            var reported: [String] = []
            var lastLine = ""
            while !Task.isCancelled {
                let (state, reasons) = await health.current()
                let line = health.statusLine(state, reasons)
                if state == .ready || state == .degraded {
                    if .now >= graceEnds {
                        report(reasons, before: reported)
                        reported = reasons
                    }
                    notifier.status(line)
                }
                let isCalm = state == .ready && line == lastLine
                lastLine = line
                await health.changed.wait(atMost: isCalm ? Self.interval.calm : Self.interval.busy, on: eventLoop)
            }
        }
    }

    private func report(_ reasons: [String], before: [String]) {
        if reasons.isEmpty, !before.isEmpty {
            log.record(.notice, "recovered", messageID: MessageID.recovered)
        } else if !Set(reasons.map(kind(of:))).isSubset(of: before.map(kind(of:))) {
            log.record(.warning, "degraded: \(reasons.joined(separator: "; "))", messageID: MessageID.degraded)
        }
    }

    /// A reason without its figures and its details, which change while it stays the same.
    private func kind(of reason: String) -> String {
        reason.split(separator: ": ").prefix(2).joined().filter { !$0.isNumber }
    }
}
