import AdminAPI
import Logging
import NIOCore
import Ownership

/// Who asks on a Unix socket, as the kernel tells it (unix(7), SO_PEERCRED).
///
/// In the user namespace of `PrivateUsers=` only root and the daemon's own user have a number; of anybody else the process is what can be
/// said, which `journalctl _PID=` and the audit log know.
struct Caller: Sendable, CustomStringConvertible {
    private let credentials: SocketPeer.Credentials

    /// nil where the connection is no Unix socket's.
    init?(on channel: any Channel) async {
        guard let credentials = try? await SocketPeer.credentials(on: channel).get() else { return nil }
        self.credentials = credentials
    }

    /// nil where it has no number here.
    var user: UInt32? {
        SocketPeer.hidesUsers && credentials.user == SocketPeer.overflow ? nil : credentials.user
    }

    var process: Int32 { credentials.process }

    var fields: Logger.Metadata {
        var fields: Logger.Metadata = ["caller_pid": "\(process)"]
        if let user { fields["caller_uid"] = "\(user)" }
        return fields
    }

    var description: String { "\(user.map { "user \($0)" } ?? "a user of the group"), process \(process)" }
}
