package import Logging
import Synchronization
package import Systemd

/// Sets the log level, for good or for a while: then it goes back to the configured one.
///
/// Lives in memory only: after a restart the configured level holds anyway.
package final class LogLevelControl: Sendable {
    private let end = Mutex<Task<Void, Never>?>(nil)
    private let configured: @Sendable () -> Logger.Level
    private let log: Log

    /// - Parameter configured: the level to go back to, as the configuration has it by then.
    package init(log: Log, configured: @escaping @Sendable () -> Logger.Level) {
        self.log = log
        self.configured = configured
    }

    /// What was set before for a while ends with this.
    package func set(_ level: Logger.Level, for duration: Duration? = nil) {
        end.withLock { end in
            end?.cancel()
            log.threshold.level = level
            end = duration.map { duration in
                Task {
                    do { try await Task.sleep(for: duration, tolerance: .seconds(1)) } catch { return }
                    self.goBack()
                }
            }
        }
    }

    private func goBack() {
        end.withLock { end in
            // Set anew in the moment in which the time was up.
            guard !Task.isCancelled else { return }
            end = nil
            let level = configured()
            log.threshold.level = level
            log.record(.notice, "log level back to \(level), the time it was set for is over")
        }
    }
}
