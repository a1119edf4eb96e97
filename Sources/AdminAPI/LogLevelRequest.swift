/// The body of `PUT /log-level`. The level lasts until the daemon restarts or reloads its configuration, or for as long as `for` says, a
/// duration such as `10m`.
package struct LogLevelRequest: Codable, Hashable, Sendable {
    package enum Level: String, Codable, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }

    package let logLevel: Level
    package let `for`: String?

    package init(logLevel: Level, for duration: String? = nil) {
        self.logLevel = logLevel
        self.for = duration
    }
}
