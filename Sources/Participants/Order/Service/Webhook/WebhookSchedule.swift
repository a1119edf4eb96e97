/// When an order that was not taken is sent again, and when no more.
///
/// Counted is the time for which it was put off, not what a clock shows: neither a clock that jumps nor a daemon that is off for a week
/// gives anything up.
package enum WebhookSchedule {
    package static let longest = Duration.seconds(86_400)
    private static let longestBackoff = Duration.seconds(900)

    /// - Parameters:
    ///   - failures: so many tries before this one failed.
    ///   - waited: for how long it was put off by then.
    ///   - retryAfter: what the receiver asks for.
    ///   - jitter: from 0 to 1, so that those which failed together do not come back together.
    /// - Returns: nil: it is given up.
    package static func delay(failures: Int, waited: Duration, retryAfter: Duration?, jitter: Double) -> Duration? {
        guard waited < longest else { return nil }
        let backoff = min(longestBackoff, .seconds(1) * (1 << min(failures, 10)))
        return min(max(backoff / 2 + backoff / 2 * jitter, retryAfter ?? .zero), longest - waited)
    }
}
