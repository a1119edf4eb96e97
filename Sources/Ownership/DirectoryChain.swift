package import Glibc

/// The directories on the way to a path, and whether somebody else could change what is found there.
///
/// Whoever may write a directory may put another file, socket or directory in the place of one that is in it. So each on the way, up
/// to one that root alone may write, belongs to root or to this process's user; where others may write (such as /tmp) its sticky bit
/// keeps them from replacing what is not theirs. What passes can be changed by nobody else between this look and later use.
package struct DirectoryChain: Sendable {
    struct Link: Sendable {
        var path: String
        var owner: uid_t
        var mode: mode_t

        var isSymbolicLink: Bool { mode & S_IFMT == S_IFLNK }
        /// By others than its owner.
        var isShared: Bool { mode & 0o022 != 0 }
        var isRootsAlone: Bool { owner == 0 && !isShared && !isSymbolicLink }
    }

    /// From the root of the file system on; where a symbolic link is followed the way begins anew, hence several.
    private var ways: [[Link]] = [[]]
    private let user: uid_t

    /// Looks at a directory that is there.
    package init(of path: String, user: uid_t = geteuid()) throws(UntrustedPath) {
        self.user = user
        var rest = path.split(separator: "/").map(String.init)
        var here = "/"
        if !path.hasPrefix("/") {
            guard let directory = getcwd(nil, 0) else { throw .unusable(path, errno) }
            defer { free(directory) }
            rest = String(cString: directory).split(separator: "/").map(String.init) + rest
        }
        try visit(here)
        var links = 0
        while !rest.isEmpty {
            let name = rest.removeFirst()
            if name == "." { continue }
            let next = here == "/" ? "/\(name)" : "\(here)/\(name)"
            let link = try visit(next)
            guard link.isSymbolicLink else {
                here = next
                continue
            }
            links += 1
            guard links <= 40 else { throw .unusable(path, ELOOP) }
            let target = try DirectoryChain.target(of: next)
            rest = target.split(separator: "/").map(String.init) + rest
            ways.append([])
            if target.hasPrefix("/") { here = "/" }
            try visit(here)
        }
    }

    /// The directory itself.
    var last: Link { ways[ways.count - 1].last ?? Link(path: "/", owner: 0, mode: 0) }

    /// Whether nobody else may put something else in its place. That it is root's own, as it is for a daemon that runs as root, says
    /// nothing of what is above it.
    package func requireTrusted() throws(UntrustedPath) {
        try require(ways, beyond: last.path)
    }

    /// Likewise of those above it: it may be anybody's where only root or this user could have let him in.
    package func requireTrustedAbove() throws(UntrustedPath) {
        var above = ways
        above[above.count - 1].removeLast()
        try require(above)
        guard let parent = above.last?.last, parent.isShared, last.owner != 0, last.owner != user else { return }
        throw .foreign(last.path, owner: last.owner, mode: last.mode, user: user)
    }

    private func require(_ ways: [[Link]], beyond start: String? = nil) throws(UntrustedPath) {
        for way in ways {
            for link in way.reversed() {
                guard link.owner == 0 || link.owner == user else {
                    throw .foreign(link.path, owner: link.owner, mode: link.mode, user: user)
                }
                if link.mode & 0o1002 == 0o002, !link.isSymbolicLink { throw .writable(link.path, owner: link.owner, mode: link.mode) }
                if link.isRootsAlone, link.path != start { break }
            }
        }
    }

    @discardableResult
    private mutating func visit(_ path: String) throws(UntrustedPath) -> Link {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .unusable(path, errno) }
        let link = Link(path: path, owner: status.st_uid, mode: status.st_mode)
        guard link.isSymbolicLink || link.mode & S_IFMT == S_IFDIR else { throw .unusable(path, ENOTDIR) }
        ways[ways.count - 1].append(link)
        return link
    }

    private static func target(of path: String) throws(UntrustedPath) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { throw .unusable(path, count < 0 ? errno : ENOENT) }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
