import Synchronization
package import Transport

/// How the daemon is: what it cannot do right now, and why. Kept in memory only.
package final class Health: Sendable {
    package enum State: String, Sendable {
        case starting, ready, degraded, stopping
    }

    /// Called when something has changed; the backlog, which always does, is left out.
    package let changed: WakeUp
    private let problem = Mutex<String?>(nil)
    private let lifecycle: Lifecycle
    private let outbox: OutboxLog
    private let backlogLimit: Int64
    private let transport: @Sendable () -> TransportStatus?
    private let conditions: @Sendable () async -> [String]

    /// - Parameter conditions: what else keeps the service from all of its work, in words.
    package init(
        lifecycle: Lifecycle, outbox: OutboxLog, backlogLimit: Int, transport: @escaping @Sendable () -> TransportStatus?,
        conditions: @escaping @Sendable () async -> [String] = { [] }, changed: WakeUp = WakeUp()
    ) {
        self.lifecycle = lifecycle
        self.outbox = outbox
        self.backlogLimit = Int64(backlogLimit)
        self.transport = transport
        self.conditions = conditions
        self.changed = changed
    }

    /// Why events cannot be handled.
    package func report(_ text: String) { note(text) }

    /// They are.
    package func clear() { note(nil) }

    private func note(_ text: String?) {
        let isNews = problem.withLock { problem in
            defer { problem = text }
            return problem != text
        }
        if isNews { changed.call() }
    }

    /// What `systemctl status` shows of the daemon.
    package func statusLine(_ state: State, _ reasons: [String]) -> String {
        guard state == .ready, let transport = transport() else {
            return reasons.isEmpty ? state.rawValue : "\(state.rawValue): \(reasons.joined(separator: "; "))"
        }
        return
            "ready, transport \(transport.kind), \(outbox.backlog) events to publish, \(transport.lag.map { "\($0)" } ?? "an unknown number") to apply"
    }

    /// The state, and in words why it is not ready.
    package func current() async -> (state: State, reasons: [String]) {
        var reasons = [problem.withLock(\.self)].compactMap(\.self)
        reasons += transport()?.problems ?? []
        reasons += await conditions()
        let backlog = outbox.backlog
        if backlog > backlogLimit { reasons.append("\(backlog) events wait to be published, more than the backlog limit") }
        switch lifecycle.phase {
        case .starting: return (.starting, reasons)
        case .running: return (reasons.isEmpty ? .ready : .degraded, reasons)
        case .stopping: return (.stopping, reasons)
        }
    }
}
