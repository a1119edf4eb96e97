package import SagaStore
import Wire

/// Where a follower begins to read a log, and what that says about the time before.
package struct DirectStart: Equatable, Sendable {
    package enum Finding: Equatable, Sendable {
        /// The position is in this log.
        case continued
        /// It is in another one: the peer's database was replaced.
        case replaced
        /// It is behind the end of this one: the peer's database was restored from a backup.
        case shortened
        /// Another event has the number that was read last: the peer's database was restored and has published others since.
        case rewritten
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
        } else if let read = position?.eventID, let present = eventID, read != present {
            start = DirectStart(finding: .rewritten, after: 0)
        }
        switch start.finding {
        case .continued, .replaced: if first > start.after + 1 { start.missing = start.after + 1...first - 1 }
        // What is no longer there of this log the follower has read: else it would not have been deleted.
        case .shortened, .rewritten: break
        }
        return start
    }
}
