/// The body of `POST /events/republish`: the events of one order, or all since a time. Exactly one of the two is set.
package struct RepublishRequest: Codable, Hashable, Sendable {
    package let orderId: String?
    package let since: String?

    package static func order(_ orderId: String) -> Self { Self(orderId: orderId, since: nil) }
    package static func since(_ time: String) -> Self { Self(orderId: nil, since: time) }
}

/// How many events were queued to be published again, under their old ids.
package struct RepublishResult: Codable, Hashable, Sendable {
    package let queued: Int

    package init(queued: Int) { self.queued = queued }
}
