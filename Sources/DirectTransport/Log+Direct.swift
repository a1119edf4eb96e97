import Saga
import Logging
package import Systemd
import Transport

extension Log {
    /// What happened to a connection of the direct transport, in words.
    package func note(_ event: DirectEvent) {
        switch event {
        case .peerConnected(let peer, let seq):
            record(.info, "follows \(peer)", fields: ["peer": peer.rawValue, "after": "\(seq)"])
        case .peerDisconnected(let peer, let reason):
            record(.info, "no longer follows \(peer): \(reason)", fields: ["peer": peer.rawValue])
        case .logReplaced(let peer):
            record(
                .warning, "the database of \(peer) is another one than before: its events are read from the start",
                fields: ["peer": peer.rawValue], messageID: MessageID.eventsMissing)
        case .logShortened(let peer, let reached, let last):
            record(
                .error, "the events of \(peer) end at \(last), but \(reached) was read before: they are read from the start",
                fields: ["peer": peer.rawValue], messageID: MessageID.eventsMissing)
        case .logRewritten(let peer, let reached):
            record(
                .error, "event \(reached) of \(peer) is not the one that was read before: its events are read from the start",
                fields: ["peer": peer.rawValue], messageID: MessageID.eventsMissing)
        case .gap(let peer, let missing):
            record(
                .error, "events \(missing.lowerBound) to \(missing.upperBound) of \(peer) were deleted before they were read",
                fields: ["peer": peer.rawValue], messageID: MessageID.eventsMissing)
        // Said by the state that it leads to.
        case .room: break
        case .followerConnected(let peer, let seq):
            record(.debug, "followed by \(peer)", fields: ["peer": peer, "after": "\(seq)"])
        case .followerDisconnected(let peer, let reason):
            record(.debug, "no longer followed by \(peer): \(reason)", fields: ["peer": peer])
        case .connectionRejected(let reason):
            record(.warning, "connection to events.sock rejected: \(reason)")
        }
    }
}
