package import Saga

/// What happens to the connections of a `DirectTransport`, for the log.
package enum DirectEvent: Equatable, Sendable {
    /// A peer's outbox is being followed, from behind this number.
    case peerConnected(ServiceName, after: Int64)
    /// It no longer is; reported once for each time a peer goes out of reach.
    case peerDisconnected(ServiceName, reason: String)
    /// The peer's database is another one than before: its outbox is read from the start.
    case logReplaced(ServiceName)
    /// The peer's outbox ends before the place that was reached (a restored backup): it is read from the start.
    case logShortened(ServiceName, reached: Int64, last: Int64)
    /// The peer's outbox has another event at the place that was reached (a restored backup that went on): it is read from the start.
    case logRewritten(ServiceName, reached: Int64)
    /// These were deleted before they were read. An alarm: the peer must publish them again.
    case gap(ServiceName, missing: ClosedRange<Int64>)
    /// Whether what arrived of a topic can be handled, or waits until there is room for more dead letters.
    case room(isThere: Bool, for: String)
    /// Somebody follows our outbox.
    case followerConnected(String, after: Int64)
    case followerDisconnected(String, reason: String)
    /// Somebody connected and did not speak the protocol.
    case connectionRejected(reason: String)
}
