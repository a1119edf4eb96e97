package import enum Saga.DeadLetterKind

/// Which dead letters a request is about: all, or those that are so in every respect named. `before` is an RFC 3339 time.
package struct DeadLetterSelection: Codable, Hashable, Sendable {
    package var kind: DeadLetterKind?
    package var topic: String?
    package var before: String?
    /// Only count them. Of no meaning to a list.
    package var dryRun: Bool?

    package init(kind: DeadLetterKind? = nil, topic: String? = nil, before: String? = nil, dryRun: Bool? = nil) {
        self.kind = kind
        self.topic = topic
        self.before = before
        self.dryRun = dryRun
    }

    var query: [(name: String, value: String)] {
        [("kind", kind?.rawValue), ("topic", topic), ("before", before)].compactMap { name, value in value.map { (name, $0) } }
    }
}

/// The answer of `POST /dead-letters/retry`: how many there were, how many of them are gone now, how many were not handled and stay.
package struct DeadLettersRetried: Codable, Hashable, Sendable {
    package let matched: Int
    package let retried: Int
    package let failed: Int

    package init(matched: Int, retried: Int, failed: Int) {
        self.matched = matched
        self.retried = retried
        self.failed = failed
    }
}

/// The answer of `POST /dead-letters/discard`.
package struct DeadLettersDiscarded: Codable, Hashable, Sendable {
    package let matched: Int
    package let discarded: Int
    package let failed: Int

    package init(matched: Int, discarded: Int, failed: Int) {
        self.matched = matched
        self.discarded = discarded
        self.failed = failed
    }
}
