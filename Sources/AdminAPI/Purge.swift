/// The body of `POST /orders/purge`: how many final orders there are from before a time, or which of them are to be purged, a few hundred
/// at a time. They must be at rest; those that are not are left alone.
package enum PurgeRequest: Encodable, Hashable, Sendable {
    /// Only counts them. RFC 3339.
    case count(before: String)
    case purge([String])

    private enum CodingKeys: CodingKey { case before, dryRun, orderIds }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .count(let time):
            try container.encode(time, forKey: .before)
            try container.encode(true, forKey: .dryRun)
        case .purge(let ids): try container.encode(ids, forKey: .orderIds)
        }
    }
}

/// Its answer.
package struct PurgeResult: Codable, Hashable, Sendable {
    package let matched: Int
    package let purged: Int

    package init(matched: Int, purged: Int) {
        self.matched = matched
        self.purged = purged
    }
}

/// The answer of `GET /purged/{orderId}`, where the order was.
package struct PurgedOrder: Codable, Hashable, Sendable {
    package let orderId: String

    package init(orderId: String) { self.orderId = orderId }
}

/// The body of `POST /users/forget`.
package struct ForgetRequest: Codable, Hashable, Sendable {
    package let userId: Int64

    package init(userId: Int64) { self.userId = userId }
}

/// The answer of `POST /users/forget`.
package struct ForgetResult: Codable, Hashable, Sendable {
    /// From how many the id was taken out by this.
    package let forgotten: Int
    /// Those that still need it, as they are not at rest.
    package let left: Int

    package init(forgotten: Int, left: Int) {
        self.forgotten = forgotten
        self.left = left
    }
}
