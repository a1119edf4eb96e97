/// How long to wait before a member of a group is sure that it is not alone there.
struct GroupPatience {
    /// After which a member that is no more has left the group, and the others know.
    let session: Duration
    /// After which the others know that one has left.
    private let notice: Duration

    /// - Parameter properties: the client's, with which the other's are taken to agree.
    init(properties: [String: String]) {
        func milliseconds(_ name: String, _ usual: Int) -> Duration { .milliseconds(properties[name].flatMap { Int($0) } ?? usual) }
        let heartbeat = milliseconds("heartbeat.interval.ms", 2000)
        session = milliseconds("session.timeout.ms", 6000) + heartbeat + .seconds(1)
        notice = heartbeat + .seconds(1)
    }

    /// Of several that come at the same moment one stays: each waits long enough to see that one before it in rank has gone. A newcomer
    /// that was not given the first partition goes first, and last one that had all before.
    func untilJudged(
        isFirst: Bool, wasAll: Bool, started: ContinuousClock.Instant, now: ContinuousClock.Instant = .now
    ) -> Duration {
        let own = notice * ((isFirst ? 1 : 0) + (wasAll ? 2 : 0))
        // Since it began to join nobody has renewed the session of its own former process.
        return own + (wasAll ? session : max(session - started.duration(to: now), .seconds(1)))
    }
}
