package import struct Saga.ServiceName
import Glibc
package import Ownership
package import Wire

/// Why an admin socket gave no good answer, in words that say what to do.
package enum AdminError: Error, Equatable, Sendable {
    case unreachable(ServiceName, socketPath: String, Obstacle)
    /// Somebody else could answer there, or does: nothing was sent.
    case untrusted(ServiceName, UntrustedPath)
    /// The request was sent, but the connection ended before the answer was complete: it may have taken effect.
    case connectionLost(ServiceName, socketPath: String)
    /// No answer in time: it may have taken effect, or still will.
    case timedOut(ServiceName, socketPath: String, after: Duration)
    /// A well-formed refusal.
    case problem(Problem)
    /// An answer that is not what the route promises.
    case malformed(ServiceName, socketPath: String, String)

    /// What stands between us and the daemon.
    package enum Obstacle: Equatable, Sendable {
        case noRuntimeDirectory(String)
        case noSocket, refused, permissionDenied
        case other(String)

        /// From errno after connect(2) to a socket, see unix(7).
        package init(errno code: CInt, socketPath: String) {
            switch code {
            case ENOENT, ENOTDIR: self = Self.missingDirectory(of: socketPath).map(Self.noRuntimeDirectory) ?? .noSocket
            case ECONNREFUSED: self = .refused
            case EACCES, EPERM: self = .permissionDenied
            default: self = .other(String(cString: strerror(code)))
            }
        }

        /// The runtime directory, if not even that is there: `<runtime directory>/<service>/admin.sock`.
        private static func missingDirectory(of socketPath: String) -> String? {
            let parts = socketPath.split(separator: "/", omittingEmptySubsequences: false)
            let directory = parts.count > 2 ? parts.dropLast(2).joined(separator: "/") : "."
            var status = stat()
            return !directory.isEmpty && stat(directory, &status) != 0 && errno == ENOENT ? directory : nil
        }
    }

    /// Whether the daemon refused, rather than could not be asked.
    package var isProblem: Bool { problemStatus != nil }

    package var isPermissionDenied: Bool {
        if case .unreachable(_, _, .permissionDenied) = self { true } else { false }
    }

    /// Whether the daemon may not be asked, or not be believed: how it is is not known then.
    package var isNotAllowed: Bool { isPermissionDenied || isUntrusted }

    /// Whether somebody else could have answered.
    package var isUntrusted: Bool { if case .untrusted = self { true } else { false } }

    /// The HTTP status of a refusal.
    package var problemStatus: Int? {
        if case .problem(let problem) = self { problem.status } else { nil }
    }
}

extension AdminError: CustomStringConvertible {
    package var description: String { advice.map { "\(message): \($0)" } ?? message }

    /// What is wrong.
    package var message: String {
        switch self {
        case .unreachable(_, _, .noRuntimeDirectory(let path)): "there is no runtime directory \(path)"
        case .unreachable(let service, let path, .noSocket): "\(service.rawValue): no socket at \(path)"
        case .unreachable(let service, let path, .refused): "\(service.rawValue): nobody answers on \(path)"
        case .unreachable(let service, let path, .permissionDenied): "\(service.rawValue): permission denied on \(path)"
        case .unreachable(let service, let path, .other(let why)): "\(service.rawValue): cannot connect to \(path): \(why)"
        case .untrusted(let service, let reason): "\(service.rawValue): not asked: \(reason.message)"
        case .connectionLost(let service, let path):
            "\(service.rawValue): the connection to \(path) was lost before the answer"
        case .timedOut(let service, let path, let limit): "\(service.rawValue): no answer on \(path) within \(limit)"
        case .problem(let problem):
            problem.detail ?? (problem.title.isEmpty ? "refused with status \(problem.status)" : problem.title)
        case .malformed(let service, let path, let why): "\(service.rawValue): cannot understand the answer on \(path): \(why)"
        }
    }

    /// What to do about it.
    package var advice: String? {
        switch self {
        case .unreachable(_, _, .noRuntimeDirectory):
            "does the suite run on this host (systemctl start saga.target), or in another directory (--runtime-directory)?"
        case .unreachable(let service, _, .noSocket), .unreachable(let service, _, .refused):
            "is \(service.unit) running? systemctl start \(service.unit)"
        case .unreachable(_, _, .permissionDenied):
            "group sagad may use it, and group sagad-read may look: adduser USER sagad (or sagad-read), then log in again"
        case .unreachable(_, _, .other), .problem: nil
        case .untrusted(_, let reason): reason.advice
        case .connectionLost(let service, _): "did \(service.unit) stop? systemctl status \(service.unit)"
        case .timedOut(let service, _, _): "does \(service.unit) hang? journalctl -u \(service.unit)"
        case .malformed(let service, _, _): "are \(service.unit) and sagactl of the same version?"
        }
    }
}
