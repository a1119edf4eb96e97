package import Glibc

/// Whether the one who answers on a Unix socket is the one whose socket it should be.
///
/// Two guards: only root, this user or whom they let in could put a socket into the directory, and the process at the other end
/// (unix(7), SO_PEERCRED) is root's, this user's or the directory owner's. Inside a user namespace, such as that of systemd's
/// `PrivateUsers=`, other users have no number and the directory is the only guard.
package struct SocketPeer: Sendable {
    private let path: String
    private let directory: DirectoryChain

    /// Looks at the directory of a socket; to be called before connecting.
    ///
    /// - Throws: `UntrustedPath` where somebody else could have put the socket there.
    package init(at path: String) throws(UntrustedPath) {
        self.path = path
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        directory = try DirectoryChain(of: parent.isEmpty && path.hasPrefix("/") ? "/" : parent)
        try directory.requireTrustedAbove()
        guard !directory.last.isShared else {
            throw .writable(directory.last.path, owner: directory.last.owner, mode: directory.last.mode)
        }
    }

    /// Of the process at the other end, as the kernel tells it; `struct ucred`, which Swift does not see.
    package struct Credentials: Sendable {
        package var process: pid_t
        package var user: uid_t
        package var group: gid_t
    }

    /// Whether the user at the other end is one whose answers are believed.
    package func require(user: uid_t, isHidden: Bool = SocketPeer.hidesUsers) throws(UntrustedPath) {
        if isHidden, user == SocketPeer.overflow { return }
        guard [0, geteuid(), directory.last.owner].contains(user) else { throw .foreignPeer(path, user: user) }
    }

    /// What a user without a number in this namespace reads as (user_namespaces(7)).
    package static let overflow: uid_t = 65534

    /// Whether there are users that have no number here.
    package static let hidesUsers: Bool = {
        guard let file = fopen("/proc/self/uid_map", "re") else { return true }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: 256)
        let count = fread(&text, 1, text.count, file)
        return String(decoding: text.prefix(count), as: UTF8.self).split(whereSeparator: \.isWhitespace) != ["0", "0", "4294967295"]
    }()
}
