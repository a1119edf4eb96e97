import CDispatch
import Glibc

/// A path at which a Unix socket is to listen: makes room for it, and lets the right people in once it is bound.
///
/// A socket file outlives a process that crashed, and binding fails while it is there. It is removed only when nobody answers on
/// it, and never when it is something else than a socket. Between asking and binding another process could come first; binding
/// fails then, and the lock on the state directory has kept a second instance away before.
package struct UnixSocketAddress: Sendable {
    package let path: String

    /// `sun_path` has 108 bytes, the last of them zero (unix(7)).
    package static let longestPath = 107

    /// Its members may use the sockets of the daemons.
    package static let group = "sagad"

    /// Its members may look, and change nothing.
    package static let readersGroup = "sagad-read"

    /// - Throws: `.tooLong`.
    package init(_ path: String) throws(UnixSocketError) {
        guard path.utf8.count <= UnixSocketAddress.longestPath else { throw .tooLong(path) }
        self.path = path
    }

    /// Removes what a crash has left at the path. Does not block; called before binding.
    ///
    /// - Throws: `.inUse` when somebody answers there.
    package func makeFree() throws(UnixSocketError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw failure("looked at")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
        guard try !isAnswered() else { throw .inUse(path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("removed") }
    }

    /// Opens the bound socket to its owner and to a group, where that exists and this process may give files to it.
    package func admitGroup(named name: String) throws(UnixSocketError) {
        // Not being a member is no error: then the socket stays with the process's own group.
        if let group = UnixSocketAddress.groupID(of: name) { _ = chown(path, uid_t.max, group) }
        // After chown(2), which may clear mode bits.
        guard chmod(path, 0o660) == 0 else { throw failure("given mode 0660") }
    }

    private func isAnswered() throws(UnixSocketError) -> Bool {
        // Not blocking: a listener whose queue is full would make connect(2) wait for it.
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("probed") }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if code == 0 { return true }
        switch errno {
        case ECONNREFUSED, ENOENT: return false
        case EAGAIN, EPROTOTYPE: return true
        default: throw failure("probed")
        }
    }

    private func failure(_ deed: String) -> UnixSocketError {
        .failed(path, "cannot be \(deed): \(String(cString: strerror(errno)))")
    }

    private static func groupID(of name: String) -> gid_t? {
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        var entry = GroupEntry()
        var found: UnsafeMutablePointer<GroupEntry>?
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }

    private typealias GroupEntry = Glibc.group
}

/// Why a Unix socket cannot be had at a path.
package enum UnixSocketError: Error, Equatable {
    /// Somebody answers there.
    case inUse(String)
    case tooLong(String)
    /// There is a file of another kind, which is not ours to remove.
    case notASocket(String)
    case failed(String, String)
}

extension UnixSocketError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let path): "\(path) is in use: another process answers on it"
        case .tooLong(let path): "\(path) is too long for a socket: the limit is \(UnixSocketAddress.longestPath) bytes"
        case .notASocket(let path): "\(path) is not a socket: move it away"
        case .failed(let path, let reason): "\(path) \(reason)"
        }
    }
}
