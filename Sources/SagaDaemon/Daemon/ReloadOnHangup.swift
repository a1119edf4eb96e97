import Logging
package import SagaConfiguration
import ServiceLifecycle
package import Systemd
package import UnixSignals
import Transport

/// Reads the configuration anew on SIGHUP and applies what can change while running: the log level and the order deadline. A file with
/// an error changes nothing.
///
/// A signal that comes while the daemon starts is kept until it runs, instead of ending it.
package struct ReloadOnHangup: Service {
    private let hangups: UnixSignalsSequence
    private let lifecycle: Lifecycle
    private let read: @Sendable () throws -> Configuration.Loaded
    private let apply: @Sendable (Configuration.Loaded) -> [String]
    private let notifier: SystemdNotifier
    private let log: Log

    /// - Parameters:
    ///   - hangups: caught since before the daemon began to start.
    ///   - apply: takes over what it can and returns the changed keys that need a restart.
    package init(
        hangups: UnixSignalsSequence, lifecycle: Lifecycle, read: @escaping @Sendable () throws -> Configuration.Loaded,
        apply: @escaping @Sendable (Configuration.Loaded) -> [String], notifier: SystemdNotifier, log: Log
    ) {
        self.hangups = hangups
        self.lifecycle = lifecycle
        self.read = read
        self.apply = apply
        self.notifier = notifier
        self.log = log
    }

    package func run() async throws {
        for await _ in hangups.cancelOnGracefulShutdown() {
            // READY=1 ends a reload, and so would end the start as well.
            let isRunning = lifecycle.phase == .running
            if isRunning { notifier.reloading() }
            do {
                let latest = try read()
                let configuration = latest.configuration
                log.threshold.level = Logger.Level(configuration.logLevel)
                let notTaken = apply(latest)
                log.record(
                    .notice, "configuration reloaded: log level \(configuration.logLevel), order deadline \(configuration.order.deadline)")
                if !notTaken.isEmpty {
                    log.record(
                        .warning, "changed, but not taken over without a restart: \(notTaken.joined(separator: ", "))",
                        messageID: MessageID.restartNeeded)
                }
            } catch {
                log.record(.error, "configuration not reloaded, the old one stays: \(error)", messageID: MessageID.reloadFailed)
            }
            if isRunning { notifier.ready() }
        }
    }
}

extension Logger.Level {
    /// The configuration names its levels as swift-log does.
    package init(_ level: LogLevel) {
        self = Logger.Level(rawValue: level.rawValue) ?? .info
    }
}
