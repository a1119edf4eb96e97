import Synchronization

/// What the clients asked for, what they were promised, and what they saw, as it was seen from outside.
final class History: Sendable {
    /// A request that was answered with 201.
    struct Promise: Sendable {
        let key: String
        let order: String
        let answer: [UInt8]
        let at: ContinuousClock.Instant
    }

    /// What a client was told of an order that it knew of.
    struct Sighting: Sendable {
        enum Seen: Equatable, Sendable {
            case missing
            case pending
            case final(status: String, reason: String?)

            var isFinal: Bool { if case .final = self { true } else { false } }
        }

        let order: String
        let asked: ContinuousClock.Instant
        let answered: ContinuousClock.Instant
        let seen: Seen
    }

    struct Content: Sendable {
        var wishes: [Wish] = []
        var promises: [Promise] = []
        var sightings: [Sighting] = []
        /// Answers that no client should ever get.
        var oddities: [String] = []
        /// Requests that had to be sent again, as no answer came or the daemon was not up to it.
        var retries = 0
    }

    private let history = Mutex(Content())

    var content: Content { history.withLock { $0 } }

    func change(_ body: (inout Content) -> Void) {
        history.withLock { body(&$0) }
    }

    var promised: Int { history.withLock { $0.promises.count } }

    var hasOddities: Bool { history.withLock { !$0.oddities.isEmpty } }

    /// Some order that was promised.
    var anyOrder: String? { history.withLock { $0.promises.randomElement()?.order } }
}
