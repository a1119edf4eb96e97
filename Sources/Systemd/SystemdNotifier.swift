internal import Glibc
internal import Synchronization

/// Tells the service manager how the service is doing: the protocol of sd_notify(3).
///
/// Without `NOTIFY_SOCKET` every call does nothing, so nobody needs to ask. Messages arrive in the order of the calls. A message
/// that cannot be delivered is given up (the result says so): the service manager's absence must never stop the service.
/// Shared by everyone in the process who has something to tell; nothing of it outlives the process.
package final class SystemdNotifier: Sendable {
    private let socket: NotifySocket?
    private let lastStatus = Mutex<String?>(nil)

    package init(environment: ServiceEnvironment = .process) {
        socket = environment["NOTIFY_SOCKET"].flatMap(NotifySocket.init(address:))
    }

    /// The service has started, or has finished reloading.
    @discardableResult
    package func ready(status: String? = nil) -> Bool {
        send(["READY=1"], status: status)
    }

    /// One line for people, as `systemctl status` shows it. The same line again is not sent again.
    @discardableResult
    package func status(_ text: String) -> Bool {
        send([], status: text)
    }

    /// Starting takes longer than the unit allows, and goes on for this long at least.
    @discardableResult
    package func extendStart(by time: Duration, status: String) -> Bool {
        send(["EXTEND_TIMEOUT_USEC=\(time.components.seconds * 1_000_000)"], status: status)
    }

    /// The service has begun to shut down.
    @discardableResult
    package func stopping(status: String? = nil) -> Bool {
        send(["STOPPING=1"], status: status)
    }

    /// The service reloads its configuration; `ready` must follow. The time stamp is for `Type=notify-reload`, since systemd 253.
    @discardableResult
    package func reloading(status: String? = nil) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
        return send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)"], status: status)
    }

    /// The sign of life that `WatchdogSec=` waits for.
    @discardableResult
    package func watchdog() -> Bool {
        send(["WATCHDOG=1"])
    }

    private func send(_ assignments: [String], status: String? = nil) -> Bool {
        guard let socket else { return true }
        guard let status else { return socket.send(assignments.joined(separator: "\n")) }

        // A line break would end the assignment, and what follows it would be read as another one.
        let line = String(status.map { $0.isNewline ? " " : $0 })
        // Sent under the lock: of two statuses the later one must also arrive later.
        return lastStatus.withLock { last in
            var assignments = assignments
            if line != last { assignments.append("STATUS=\(line)") }
            if assignments.isEmpty { return true }
            guard socket.send(assignments.joined(separator: "\n")) else { return false }
            last = line
            return true
        }
    }
}
