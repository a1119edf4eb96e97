import Glibc
package import NIOCore

extension SocketPeer {
    /// Looks who is at the other end of a connection; to be called before anything is sent or believed.
    ///
    /// - Returns: a future that fails with an `UntrustedPath`.
    package func require(_ channel: any Channel) -> EventLoopFuture<Void> {
        SocketPeer.credentials(on: channel).flatMapThrowing { try self.require(user: $0.user) }
    }

    /// Of the process at the other end of a Unix socket.
    package static func credentials(on channel: any Channel) -> EventLoopFuture<Credentials> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        return provider.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
    }
}
