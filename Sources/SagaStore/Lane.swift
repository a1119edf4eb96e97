package import Store
package import Wire

/// What is to be published again beside the live events: a part of the outbox, moved to its end a little at a time.
///
/// It is in the database until all of it is queued: whatever ends the process meanwhile, it goes on where it was.
package struct Lane: Sendable {
    /// Up to here it has been queued.
    package var place: Int64
    package var until: Int64
    package var since: Timestamp
    /// Events still to be queued.
    package var waiting: Int64
}

extension Snapshot {
    private static let stride: Int64 = 10_000

    /// What was published since a time, repetitions left out. Goes through the outbox: only for what an operator asks for.
    package func lane(since time: Timestamp) throws(StoreError) -> Lane {
        let (first, until) = try outboxBounds()
        var lane = Lane(place: until, until: until, since: time, waiting: 0)
        var start = first - 1
        while start < until {
            let found = try connection.first(
                "SELECT count(*), min(seq) FROM outbox WHERE seq > ? AND seq <= ? AND occurred_at >= ? AND repeated = 0", .integer(start),
                .integer(min(start + Self.stride, until)), .time(time)
            ) { row in try (count: row.natural(0), first: row.optional(1) { try $0.natural($1) }) }
            if let found, let first = found.first {
                if lane.waiting == 0 { lane.place = first - 1 }
                lane.waiting += found.count
            }
            start += Self.stride
        }
        return lane
    }

    /// Events that are still to be queued to be published again.
    package func laneWaiting() throws(StoreError) -> Int64 {
        try connection.first("SELECT CAST(coalesce(sum(waiting), 0) AS BIGINT) FROM lane") { try $0.natural(0) } ?? 0
    }
}

extension Transaction {
    package func open(_ lane: Lane) throws(StoreError) {
        guard lane.waiting > 0 else { return }
        try connection.post(
            "INSERT INTO lane (place, until, since, waiting) VALUES (?, ?, ?, ?)", .integer(lane.place), .integer(lane.until),
            .time(lane.since), .integer(lane.waiting))
    }

    /// Queues the next few.
    ///
    /// - Returns: whether there was any.
    package func advanceLane(limit: Int) throws(StoreError) -> Bool {
        let next = try connection.first("SELECT id, place, until, since, waiting FROM lane ORDER BY id LIMIT 1") { row in
            try (
                id: row.natural(0),
                lane: Lane(place: row.natural(1), until: row.natural(2), since: row.timestamp(3), waiting: row.natural(4))
            )
        }
        guard let next else { return false }
        var lane = next.lane
        let (place, count) = try republish(after: lane.place, upTo: lane.until, since: lane.since, limit: limit)
        lane.waiting = max(0, lane.waiting - Int64(count))
        if place >= lane.until {
            try connection.post("DELETE FROM lane WHERE id = ?", .integer(next.id))
        } else {
            try connection.post(
                "UPDATE lane SET place = ?, waiting = ? WHERE id = ?", .integer(place), .integer(lane.waiting), .integer(next.id))
        }
        return true
    }
}
