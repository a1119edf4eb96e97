/// The body of `POST /orders/cancel`: which PENDING orders are meant, by their age, a duration such as `60s`.
package struct CancelRequest: Codable, Hashable, Sendable {
    package let olderThan: String
    /// Only count them.
    package let dryRun: Bool

    package init(olderThan: String, dryRun: Bool) {
        self.olderThan = olderThan
        self.dryRun = dryRun
    }
}

/// Its answer: how many there were, and how many of them this has canceled; others were decided meanwhile.
package struct CancelResult: Codable, Hashable, Sendable {
    package let matched: Int
    package let canceled: Int

    package init(matched: Int, canceled: Int) {
        self.matched = matched
        self.canceled = canceled
    }
}
