import Glibc
package import NIOCore

extension SocketPeer {
    /// Looks who is at the other end of a connection; to be called before anything is sent or believed.
    ///
    /// - Returns: a future that fails with an `UntrustedPath`.
    package func require(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let credentials: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
        return credentials.flatMapThrowing { try self.require(user: $0.user) }
    }
}
