/// What systemd knows of a daemon's unit: the properties of org.freedesktop.systemd1(5) by their names there.
package struct UnitState: Codable, Hashable, Sendable {
    /// `loaded`, `masked`, `not-found`, `bad-setting`, `error`.
    package let loadState: String
    package let activeState: String
    package let subState: String
    /// `success`, or how the service failed: `exit-code`, `signal`, `timeout`, `watchdog`, `oom-kill`, `start-limit-hit`, …
    package let result: String
    /// Of the last process, where it ended by itself.
    package let exitCode: Int32?

    package init(loadState: String, activeState: String, subState: String, result: String, exitCode: Int32? = nil) {
        self.loadState = loadState
        self.activeState = activeState
        self.subState = subState
        self.result = result
        self.exitCode = exitCode
    }
}
