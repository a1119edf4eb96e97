import Glibc

/// Waiting for a socket with poll(2).
enum Readiness {
    /// - Returns: what it is ready for, an error being ready for everything; nothing when the time is over.
    static func wait(_ descriptor: CInt, for events: CInt, until end: ContinuousClock.Instant) -> CInt {
        var entry = pollfd(fd: descriptor, events: CShort(events), revents: 0)
        while true {
            let left = ContinuousClock.now.duration(to: end)
            let found = poll(&entry, 1, CInt(clamping: max(left, .zero).milliseconds))
            if found > 0 { return CInt(entry.revents) }
            // Whatever else is wrong is found out by reading.
            if found < 0, errno != EINTR { return events }
            if found == 0, left <= .zero { return 0 }
        }
    }
}
