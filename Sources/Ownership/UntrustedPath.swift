package import Glibc

/// Why a path is not used: whoever else could change what is there is named, and what to do.
package enum UntrustedPath: Error, Equatable {
    case foreign(String, owner: uid_t, mode: mode_t, user: uid_t)
    case writable(String, owner: uid_t, mode: mode_t)
    case notAFile(String)
    case unusable(String, CInt)
    /// Of a socket: who answers there.
    case foreignPeer(String, user: uid_t)
}

extension UntrustedPath: CustomStringConvertible {
    package var description: String { advice.map { "\(message): \($0)" } ?? message }

    /// What is wrong.
    package var message: String {
        switch self {
        case .foreign(let path, let owner, let mode, let user):
            "\(path) belongs to \(UserName.of(owner)) (mode \(octal(mode))), not to root or \(UserName.of(user))"
        case .writable(let path, let owner, let mode):
            "\(path), which belongs to \(UserName.of(owner)), can be written by others (mode \(octal(mode)))"
        case .notAFile(let path): "\(path) is not a regular file"
        case .unusable(let path, let code): "\(path): \(String(cString: strerror(code)))"
        case .foreignPeer(let path, let user):
            "\(UserName.of(user)) answers on \(path), who is neither root nor the owner of its directory"
        }
    }

    /// What to do about it.
    package var advice: String? {
        switch self {
        case .foreign(_, _, _, let user): "use another directory, or if it is the right one chown it to \(UserName.of(user))"
        case .writable(let path, _, _): "chmod go-w \(path), once nobody else has left anything there"
        case .notAFile: "move it away"
        case .unusable: nil
        case .foreignPeer: "find out who that is"
        }
    }

    private func octal(_ mode: mode_t) -> String {
        let digits = String(mode & 0o7777, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// Users as people know them.
private enum UserName {
    static func of(_ id: uid_t) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        guard getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return "user \(id)"
        }
        return String(cString: name)
    }
}
