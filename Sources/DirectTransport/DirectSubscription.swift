import NIOCore
import Saga
import SagaStore
import Synchronization

/// One follower of our outbox, for the life of its connection: how far it was sent, and how far it says it has come.
///
/// Acknowledgements arrive on the connection's event loop while the server's task sends.
final class DirectSubscription: Sendable {
    private struct State {
        var sent: Int64
        var acknowledged: Int64
        var end: String?
    }

    let follower: String
    /// The choreography knows it, so its acknowledgements count.
    let isSubscriber: Bool
    let channel: any Channel
    let position: LogPosition?
    private let state = Mutex(State(sent: 0, acknowledged: 0))

    init(_ hello: DirectFrame.Hello, isSubscriber: Bool, channel: any Channel) {
        follower = hello.follower
        position = hello.position
        self.isSubscriber = isSubscriber
        self.channel = channel
    }

    var acknowledged: Int64 { state.withLock(\.acknowledged) }

    /// Called before the entries go out, as the answer may come before the write is known to have succeeded.
    func willSend(upTo seq: Int64) {
        state.withLock { $0.sent = seq }
    }

    func begin(after seq: Int64) {
        state.withLock { $0 = State(sent: seq, acknowledged: seq, end: $0.end) }
    }

    /// - Throws: when it cannot know of this entry.
    func acknowledge(_ seq: Int64) throws(DirectProtocolError) {
        let isPossible = state.withLock { state in
            guard seq <= state.sent else { return false }
            state.acknowledged = max(state.acknowledged, seq)
            return true
        }
        guard isPossible else { throw .unexpected("acknowledgement") }
    }

    func end(_ reason: String) {
        noteEnd(reason)
        channel.close(promise: nil)
    }

    /// Says why the connection ends; the first reason stays.
    func noteEnd(_ reason: String) {
        state.withLock { $0.end = $0.end ?? reason }
    }

    var endReason: String { state.withLock { $0.end ?? "the connection was closed" } }
}
