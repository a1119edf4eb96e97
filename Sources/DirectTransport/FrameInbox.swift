package import NIOCore
import Synchronization
import Transport

/// What has arrived on a connection and waits for the one task that takes it, all at once.
///
/// While that task is busy, frames gather here. When they have come to `fullAt` bytes the connection is no longer read; the peer
/// then finds it cannot write, and waits. The channel must not read by itself (`autoRead`).
package final class FrameInbox: ChannelInboundHandler, Sendable {
    package typealias InboundIn = ByteBuffer

    package enum Arrival {
        case frames([ByteBuffer])
        /// Nothing more will come.
        case ended(reason: String)
        case stopped
    }

    private struct State {
        var frames: [ByteBuffer] = []
        var bytes = 0
        /// Set while reading pauses: who is to be asked to go on.
        var paused: (any Channel)?
        var end: String?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wakeUp = WakeUp()
    private let fullAt: Int

    package init(fullAt: Int) {
        self.fullAt = fullAt
    }

    /// Waits for frames. What arrived before the end is delivered before it.
    package func next() async -> Arrival {
        while true {
            let (arrival, paused) = take()
            paused?.read()
            if let arrival { return arrival }
            await wakeUp.wait()
        }
    }

    /// Makes `next` return at once, now and later.
    package func stop() {
        state.withLock { $0.isStopped = true }
        wakeUp.call()
    }

    private func take() -> (Arrival?, resume: (any Channel)?) {
        state.withLock { state in
            if state.isStopped || Task.isCancelled { return (.stopped, nil) }
            guard state.frames.isEmpty else {
                defer {
                    state.frames = []
                    state.bytes = 0
                    state.paused = nil
                }
                return (.frames(state.frames), state.paused)
            }
            return (state.end.map { .ended(reason: $0) }, nil)
        }
    }

    package func channelActive(context: ChannelHandlerContext) {
        context.read()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        state.withLock { state in
            state.frames.append(frame)
            state.bytes += frame.readableBytes
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        let (hasFrames, isFull) = state.withLock { state in
            let isFull = state.bytes >= fullAt
            if isFull { state.paused = context.channel }
            return (!state.frames.isEmpty, isFull)
        }
        if hasFrames { wakeUp.call() }
        if !isFull { context.read() }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        end("the connection was closed")
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(ConnectionFailure.text(of: error))
        context.close(promise: nil)
    }

    private func end(_ reason: String) {
        state.withLock { $0.end = $0.end ?? reason }
        wakeUp.call()
    }
}
