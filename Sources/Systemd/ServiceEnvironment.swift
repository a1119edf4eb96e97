internal import Glibc

/// The environment variables through which the service manager speaks to a process: `NOTIFY_SOCKET`, `WATCHDOG_USEC`,
/// `LISTEN_FDS`, `JOURNAL_STREAM` (systemd.exec(5), "Environment Variables Set on the Service Manager's Behalf").
///
/// Passed in as a value, so that one process can hold several that differ.
package struct ServiceEnvironment: Sendable {
    private let lookUp: @Sendable (String) -> String?

    package init(_ variables: [String: String]) {
        lookUp = { variables[$0] }
    }

    private init(lookUp: @escaping @Sendable (String) -> String?) {
        self.lookUp = lookUp
    }

    /// The process's own environment. Nothing here is ever changed or unset.
    package static let process = ServiceEnvironment { name in
        getenv(name).map { String(cString: $0) }
    }

    package subscript(_ name: String) -> String? {
        lookUp(name)
    }
}
