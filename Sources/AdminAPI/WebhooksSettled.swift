/// How many webhooks that were given up are sent again.
package struct WebhooksRetried: Codable, Equatable, Sendable {
    package let retried: Int

    package init(retried: Int) {
        self.retried = retried
    }
}

/// How many webhooks that were given up are forgotten.
package struct WebhooksDiscarded: Codable, Equatable, Sendable {
    package let discarded: Int

    package init(discarded: Int) {
        self.discarded = discarded
    }
}
