import AdminAPI

/// The exit codes of `sagactl`; those above 2 are from sysexits.h(3head).
enum ExitStatus: Int32, Sendable {
    case done = 0
    /// The thing asked for is not so: unknown, refused, off.
    case notSo = 1
    /// Only `status`: a daemon is down.
    case down = 2
    case usage = 64
    case unavailable = 69
    case outputFailed = 74
    /// A runtime directory or a daemon in it that is not to be trusted.
    case untrusted = 78

    /// A daemon that refuses was reached; any other error means that it gave no usable answer.
    init(_ error: AdminError) {
        self = error.isProblem ? .notSo : error.isUntrusted ? .untrusted : .unavailable
    }
}

/// Ends the command: `message` goes to standard error.
struct Failure: Error, Equatable {
    let status: ExitStatus
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// Daemons that were needed and gave no answer; one line each.
    init(unavailable errors: [AdminError]) {
        self.init(
            errors.contains(where: \.isUntrusted) ? .untrusted : .unavailable, errors.map(\.description).joined(separator: "\nsagactl: "))
    }
}
