import NIOCore
import Synchronization

/// One connection, as far as others are concerned: whose it is, what it is about, and since when.
///
/// Its handlers say what it is about; the listener asks when places are short. Lives as long as the connection.
package final class ConnectionPlace: Sendable {
    enum Condition: UInt64 {
        /// Not a byte has come yet.
        case silent
        /// Its last request is answered.
        case idle
        /// A part of a request has come.
        case arriving
        /// Its client does not take what it asked for.
        case untaken
        /// Its request is at work.
        case working
        /// Its request waits for something else to happen.
        case waiting
    }

    /// To the handlers of a connection: others need its place.
    struct GiveWay: Sendable {}

    private struct Flags: OptionSet {
        let rawValue: UInt8

        /// The client has closed its side: it may still read.
        static let gone = Flags(rawValue: 1)
        static let displaced = Flags(rawValue: 2)
        static let probe = Flags(rawValue: 4)
    }

    private struct State {
        var wait: Task<Void, Never>?
        /// Nobody is to wait any more on this connection.
        var waitsNoMore = false
    }

    let channel: any Channel
    let address: ClientAddress
    /// Came when all places were taken, and nobody could give way.
    let isExtra: Bool
    /// Nanoseconds, and in the last bits the condition there has been since. Written for every request, and read of thousands of
    /// connections at once where places are short, so there is no lock; and what is read may be a moment old.
    private let present: Atomic<UInt64>
    private let flags = Atomic(Flags().rawValue)
    private let state = Mutex(State())
    private let route = Mutex<String?>(nil)

    init(_ channel: any Channel, of address: ClientAddress, isExtra: Bool) {
        self.channel = channel
        self.address = address
        self.isExtra = isExtra
        present = Atomic(ConnectionPlace.encoded(.silent))
    }

    // MARK: What its handlers say

    func become(_ condition: Condition) {
        present.store(ConnectionPlace.encoded(condition), ordering: .relaxed)
    }

    func clientLeft() {
        set(.gone)
        endWait()
    }

    /// Whoever waits on it is answered with what there is.
    func endWait() {
        state.withLock { state in
            state.waitsNoMore = true
            state.wait?.cancel()
        }
    }

    /// Its last request was one of a health probe.
    var isProbe: Bool {
        get { has(.probe) }
        set { if newValue { set(.probe) } else { flags.bitwiseAnd(~Flags.probe.rawValue, ordering: .relaxed) } }
    }

    // MARK: Routes

    /// The answer to the request at work comes from this route.
    func reach(_ route: String?) {
        self.route.withLock { $0 = route }
    }

    /// Where the answer that goes out came from; nil where no route was asked.
    func takeRoute() -> String? {
        route.withLock { $0.take() }
    }

    // MARK: What others ask

    var condition: Condition { Condition(rawValue: present.load(ordering: .relaxed) & 7)! }
    var since: NIODeadline { .uptimeNanoseconds(present.load(ordering: .relaxed) >> 3) }
    var isGone: Bool { has(.gone) }
    var isDisplaced: Bool { has(.displaced) }

    func giveWay() {
        set(.displaced)
        channel.pipeline.fireUserInboundEventTriggered(GiveWay())
    }

    private func has(_ flag: Flags) -> Bool {
        flags.load(ordering: .relaxed) & flag.rawValue != 0
    }

    private func set(_ flag: Flags) {
        flags.bitwiseOr(flag.rawValue, ordering: .relaxed)
    }

    private static func encoded(_ condition: Condition) -> UInt64 {
        NIODeadline.now().uptimeNanoseconds << 3 | condition.rawValue
    }

    // MARK: Waiting

    /// Runs what only waits, for as long as somebody waits for it: its task is canceled when the client has gone, when others need the
    /// place, and when the daemon stops.
    ///
    /// - Returns: whether somebody waits still.
    @discardableResult
    package func wait(_ body: @escaping @Sendable () async -> Void) async -> Bool {
        let task: Task<Void, Never>? = state.withLock { state in
            guard !state.waitsNoMore else { return nil }
            state.wait = Task(operation: body)
            return state.wait
        }
        guard let task else { return false }
        become(.waiting)
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        become(.working)
        return state.withLock { state in
            state.wait = nil
            return !state.waitsNoMore && !Task.isCancelled
        }
    }
}
