package import Store
package import Wire

extension Transaction {
    /// Queues once more what was published behind `place` and since `time`, at most `limit` rows at a time, so that orders do
    /// not wait for it. Repetitions are not repeated.
    ///
    /// - Returns: the place to go on from, and how many events were queued.
    package func republish(
        after place: Int64, upTo end: Int64, since time: Timestamp = Timestamp(microseconds: .min), limit: Int = 500
    ) throws(StoreError) -> (place: Int64, count: Int) {
        let entries = try outbox(after: place, limit: limit)
        var count = 0
        for entry in entries where entry.seq <= end && entry.occurredAt >= time {
            guard try !isRepeated(entry.seq) else { continue }
            try appendAgain(entry)
            count += 1
        }
        return (min(entries.last?.seq ?? end, end), count)
    }
}
