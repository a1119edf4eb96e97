package import Store

/// How much may wait for an operator before no more is read. Nothing is dropped for it: what would be one dead letter too many stays where
/// it comes from.
package struct DeadLetterLimit: Sendable, Equatable {
    package let count: Int
    package let bytes: Int64

    package init(count: Int, bytes: Int64) {
        self.count = count
        self.bytes = bytes
    }
}

extension Snapshot {
    /// Whether more than that waits. A single one may be of any size, as otherwise it could never be read.
    package func exceeds(_ limit: DeadLetterLimit) throws(StoreError) -> Bool {
        let open = try connection.first(
            """
            SELECT count(*), coalesce(sum(coalesce(length(value), 0) + coalesce(length(record_key), 0) + length(headers)), 0)
            FROM dead_letter INDEXED BY dead_letter_open WHERE resolved_at IS NULL
            """
        ) { try (count: $0.natural(0), bytes: $0.natural(1)) }
        guard let open else { return false }
        return open.count > limit.count || open.bytes > limit.bytes && open.count > 1
    }
}
