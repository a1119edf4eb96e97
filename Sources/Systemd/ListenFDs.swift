internal import Glibc

/// The sockets that were opened by the service manager and passed in (socket activation): sd_listen_fds_with_names(3).
///
/// Reading them marks each descriptor close-on-exec. From then on the caller owns the descriptors; this value only knows their
/// numbers. The variables stay set: `LISTEN_PID` keeps child processes from taking them for theirs.
package struct ListenFDs: Sendable {
    /// What the service manager names a socket whose unit gives it no name.
    package static let unnamed = "unknown"

    /// In the order they were passed. Several sockets may share a name, for instance one per address.
    package let descriptors: [(name: String, descriptor: CInt)]

    /// Empty when nothing was passed to this process; throws when the variables or descriptors are not as the protocol says.
    package init(
        environment: ServiceEnvironment = .process,
        firstDescriptor: CInt = 3,  // SD_LISTEN_FDS_START
        processID: CInt = getpid()
    ) throws(ListenFDsError) {
        guard let pid = environment["LISTEN_PID"], let count = environment["LISTEN_FDS"] else {
            descriptors = []
            return
        }
        guard let pid = CInt(pid), pid > 0 else { throw .malformed(variable: "LISTEN_PID", value: pid) }
        guard pid == processID else {
            descriptors = []
            return
        }
        guard let count = UInt16(count) else { throw .malformed(variable: "LISTEN_FDS", value: count) }

        var names = [String](repeating: Self.unnamed, count: Int(count))
        if let value = environment["LISTEN_FDNAMES"] {
            names = count == 0 && value.isEmpty ? [] : value.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard names.count == count else { throw .malformed(variable: "LISTEN_FDNAMES", value: value) }
        }
        descriptors = zip(names, firstDescriptor...).map { (name: $0, descriptor: $1) }

        for (_, descriptor) in descriptors {
            let flags = fcntl(descriptor, F_GETFD)
            guard flags >= 0, fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) >= 0 else {
                throw .notOpen(descriptor: descriptor)
            }
        }
    }

    /// The sockets of one name: what `FileDescriptorName=` in a socket unit says (systemd.socket(5)).
    package func descriptors(named name: String) -> [CInt] {
        descriptors.filter { $0.name == name }.map(\.descriptor)
    }
}

/// Why the passed sockets cannot be used. Nothing a service could repair: its start should fail with this message.
package enum ListenFDsError: Error, Equatable, CustomStringConvertible {
    case malformed(variable: String, value: String)
    case notOpen(descriptor: CInt)

    package var description: String {
        switch self {
        case .malformed(let variable, let value):
            "socket activation: \(variable)=\(value) is not understood; start the service through systemd, or unset \(variable)"
        case .notOpen(let descriptor):
            "socket activation: LISTEN_FDS announces descriptor \(descriptor), which is not open"
        }
    }
}
