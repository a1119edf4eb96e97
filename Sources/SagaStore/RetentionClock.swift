package import Store
package import Wire

/// The time by which what has expired is deleted: one that a wrong system clock cannot fool.
///
/// It follows the system clock, but never runs more than four times as fast as time itself, measured by a clock that nobody sets, and
/// goes on from where it was saved. A clock that is a week ahead for a minute moves it by four minutes. After a stop, however
/// long, it catches up while the service runs. So nothing is deleted before the service has run for a quarter of its time to be kept,
/// whatever the system clock says.
package struct RetentionClock: Sendable {
    /// Never later than the system clock when it was last looked at.
    package private(set) var time: Timestamp
    /// How far it is behind the system clock.
    package private(set) var lag: Duration
    /// The lag that the time before the start explains.
    private var inherited: Duration
    private var looked: Duration
    private static let fastest: Int64 = 4
    /// What a restart takes; and what a clock may be corrected by without a word.
    private static let tolerance = Duration.seconds(300)

    /// - Parameters:
    ///   - saved: by an earlier run.
    ///   - uptime: of a clock that only runs forward.
    package init(saved: Timestamp?, wallClock: Timestamp, uptime: Duration) {
        time = saved.map { min(wallClock, $0.advanced(by: RetentionClock.tolerance)) } ?? wallClock
        lag = time.duration(to: wallClock)
        inherited = lag
        looked = uptime
    }

    package mutating func advance(to wallClock: Timestamp, uptime: Duration) {
        let passed = uptime - looked
        looked = uptime
        time = min(wallClock, time.advanced(by: passed * RetentionClock.fastest))
        lag = time.duration(to: wallClock)
        inherited = min(inherited, lag)
    }

    /// The system clock was set forward while the service ran.
    package var hasJumped: Bool { lag > inherited + RetentionClock.tolerance }
}

extension Timestamp {
    fileprivate func duration(to other: Timestamp) -> Duration {
        .microseconds(other.microseconds - microseconds)
    }
}

extension Snapshot {
    /// Where the retention clock was saved; in a database of a version that had none, the time of the newest event. nil in a new one.
    package func retentionTime() throws(StoreError) -> Timestamp? {
        let saved = try connection.first("SELECT value FROM meta WHERE name = 'retention_time'") { try $0.timestamp(0) }
        if let saved { return saved }
        let published = try connection.first("SELECT occurred_at FROM outbox ORDER BY seq DESC LIMIT 1") { try $0.timestamp(0) }
        let received = try connection.first("SELECT received_at FROM inbox ORDER BY seq DESC LIMIT 1") { try $0.timestamp(0) }
        return [published, received].compactMap(\.self).max()
    }
}

extension Transaction {
    package func saveRetentionTime(_ time: Timestamp) throws(StoreError) {
        try connection.post("INSERT INTO meta VALUES ('retention_time', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1", .time(time))
    }
}
