package import SagaStore

/// Where a follower begins to read a log, and what that says about the time before.
package struct DirectStart: Equatable, Sendable {
    package enum Finding: Equatable, Sendable {
        /// The position is in this log.
        case continued
        /// It is in another one: the peer's database was replaced.
        case replaced
        /// It is behind the end of this one: the peer's database was restored from a backup.
        case shortened
    }

    package var finding: Finding
    /// The number behind which reading begins.
    package var after: Int64
    /// What retention deleted before it was read.
    package var missing: ClosedRange<Int64>?

    package init(finding: Finding, after: Int64, missing: ClosedRange<Int64>? = nil) {
        self.finding = finding
        self.after = after
        self.missing = missing
    }
}

extension DirectFrame.Welcome {
    /// The rule by which both sides find where reading begins. What is read again is absorbed by the inbox.
    package func start(from position: LogPosition?) -> DirectStart {
        var start = DirectStart(finding: .continued, after: position?.seq ?? 0)
        if let position, position.logID != logID {
            start = DirectStart(finding: .replaced, after: 0)
        } else if start.after > last {
            start = DirectStart(finding: .shortened, after: 0)
        }
        if first > start.after + 1 { start.missing = start.after + 1...first - 1 }
        return start
    }
}
