/// The body of `PUT /log-level`. The level lasts until the daemon restarts or reloads its configuration.
package struct LogLevelRequest: Codable, Hashable, Sendable {
    package enum Level: String, Codable, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }

    package let logLevel: Level

    package init(logLevel: Level) { self.logLevel = logLevel }
}
