package import Logging

internal import Synchronization

/// The level below which nothing is logged, shared by everybody in the process who logs, and changeable at any time.
///
/// A change takes effect with the next message of any thread; it is not remembered beyond the process.
package final class LogThreshold: Sendable {
    private let severity: Atomic<UInt8>

    package init(_ level: Logger.Level) {
        severity = Atomic(level.severity)
    }

    package var level: Logger.Level {
        get { Logger.Level.allCases[Int(severity.load(ordering: .relaxed))] }
        set { severity.store(newValue.severity, ordering: .relaxed) }
    }

    package func allows(_ level: Logger.Level) -> Bool {
        level.severity >= severity.load(ordering: .relaxed)
    }
}

extension Logger.Level {
    /// The position in `allCases`, which go from trace to critical.
    fileprivate var severity: UInt8 {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }

    /// The journal's `PRIORITY`: the levels of syslog(3).
    var syslogPriority: UInt8 {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
