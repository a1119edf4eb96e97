package import NIOCore
import Synchronization

/// Lets one task sleep until it is woken. A call that comes before the task sleeps is kept, so none is missed.
///
/// Waking says that something may have changed; the sleeper looks for itself. Canceling the task wakes it too.
package final class WakeUp: Sendable {
    private enum State {
        case idle, called
        case sleeping(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    package init() {}

    package func call() {
        let sleeper: CheckedContinuation<Void, Never>? = state.withLock { state in
            switch state {
            case .idle, .called:
                state = .called
                return nil
            case .sleeping(let sleeper):
                state = .idle
                return sleeper
            }
        }
        sleeper?.resume()
    }

    package func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let wasCalled = state.withLock { state in
                    if case .idle = state {
                        state = .sleeping(continuation)
                        return false
                    }
                    state = .idle
                    return true
                }
                if wasCalled { continuation.resume() }
            }
        } onCancel: {
            call()
        }
    }

    package func wait(atMost limit: TimeAmount, on eventLoop: any EventLoop) async {
        let timeout = eventLoop.scheduleTask(in: limit) { self.call() }
        await wait()
        timeout.cancel()
    }
}
