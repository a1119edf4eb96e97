/// What was read last of a partition: enough to see whether the log that is there is still the one that was read.
package struct KafkaBookmark: Sendable, Equatable {
    /// Of the last record that was handled.
    package var offset: Int64
    /// What tells that record from others; nil if nothing does, and then any record in its place passes for it.
    package var identity: UInt128?
    /// Goes along with the group's committed offset, for whoever looks at that.
    package var note: String?

    package init(offset: Int64, identity: UInt128?, note: String? = nil) {
        self.offset = offset
        self.identity = identity
        self.note = note
    }
}

/// Why a partition cannot simply be read on.
package enum KafkaDiscontinuity: Sendable, Equatable {
    /// In the place of the record that was read last there is another one: the topic was made anew.
    case replaced
    /// The log ends before the place that was reached: it lost its data.
    case shortened
    /// These were deleted before they were read.
    case trimmed(missing: Range<Int64>)
}

extension KafkaDiscontinuity {
    /// What to say to the owner of the topic, who finds it with the group's offsets. That its log is another one it sees by itself,
    /// what a reader misses it cannot know.
    /// - Parameter token: makes it unlike any other request.
    package func request(_ token: UInt64) -> String? {
        guard case .trimmed(let missing) = self else { return nil }
        return "missing \(missing.lowerBound)-\(missing.upperBound - 1) #\(String(token, radix: 16))"
    }
}

/// One partition as a consumer reads it, and how it notices that the log is not the one it read before.
///
/// Offsets alone do not tell: a topic that was made anew has other records at the same offsets. So reading begins at the record
/// that was read last, which must be there as it was; and after anything that may have come between (a connection lost, a topic
/// gone for a while) it goes back to the last record of a time when all was steady. What comes twice by this, the handler absorbs.
package struct PartitionReading: Sendable, Equatable {
    package enum Step: Sendable, Equatable {
        case take
        /// It was handled before.
        case drop
        /// Not to be handled: the partition is to be read from `next`, which now is the beginning.
        case startOver(KafkaDiscontinuity)
    }

    /// The last record that was handled.
    package private(set) var bookmark: KafkaBookmark?
    /// The last one that certainly is of the log that is there: what is worth saving.
    package private(set) var anchor: KafkaBookmark?
    /// What is to be said along with the committed offset.
    package private(set) var note: String?
    private var isVerified: Bool
    /// Behind what was handled there is nothing to handle before this offset: transactions leave marks in the log that are no records.
    private var end: Int64 = 0

    /// - Parameter bookmark: an anchor that was saved; nil to read from the beginning.
    package init(from bookmark: KafkaBookmark?) {
        self.bookmark = bookmark
        anchor = bookmark
        note = bookmark?.note
        isVerified = bookmark == nil
    }

    /// Where to fetch. The very beginning may have been deleted, which shows when it is asked for.
    package var next: Int64 {
        isVerified ? handled : anchor?.offset ?? 0
    }

    /// How far the partition was handled: the offset behind that.
    package var handled: Int64 { bookmark.map { $0.offset + 1 } ?? 0 }

    /// How far there is nothing left to handle.
    package var progress: Int64 { max(handled, end) }

    package mutating func received(_ offset: Int64, identity: UInt128?) -> Step {
        guard !isVerified, let anchor else { return .take }
        guard offset == anchor.offset else {
            // A compacted topic need not have the very record.
            isVerified = true
            return .take
        }
        guard anchor.identity == nil || identity == nil || identity == anchor.identity else { return .startOver(startOver(.replaced)) }
        isVerified = true
        return .drop
    }

    package mutating func handled(_ offset: Int64, identity: UInt128?) {
        bookmark = KafkaBookmark(offset: offset, identity: identity, note: note)
    }

    /// What was handled reaches to the end of the log.
    package mutating func reached(end: Int64) {
        if isVerified { self.end = end }
    }

    /// Nothing has happened since the last time that could have exchanged the log.
    package mutating func settle() {
        if isVerified { anchor = bookmark }
    }

    /// Something has. The partition is to be read from `next` again.
    package mutating func doubt() {
        end = 0
        isVerified = anchor == nil
        bookmark = anchor
    }

    /// The end of the log, as far as it is known. A finding says that the partition is to be read from `next`.
    package mutating func ends(before end: Int64) -> KafkaDiscontinuity? {
        guard !isVerified, let anchor, anchor.offset >= end else { return nil }
        return startOver(.shortened)
    }

    /// There is no record at `next`, the log reaches from `low` to before `high`. In any case the partition is to be read from the
    /// new `next`.
    package mutating func outOfRange(low: Int64, high: Int64) -> KafkaDiscontinuity? {
        end = 0
        let reached = handled - 1
        if high <= reached { return startOver(.shortened) }
        if low > reached {
            // Nothing was read and nothing is gone: the place was one of a log that is no more.
            guard low > 0 else {
                startOver()
                return nil
            }
            // What is gone cannot be compared any more.
            bookmark = KafkaBookmark(offset: low - 1, identity: nil, note: note)
            isVerified = true
            anchor = bookmark
            return low > reached + 1 ? .trimmed(missing: reached + 1..<low) : nil
        }
        anchor = bookmark
        isVerified = anchor == nil
        return nil
    }

    package mutating func say(_ text: String) {
        note = text
        bookmark?.note = text
        anchor?.note = text
    }

    /// Reads it from the beginning.
    package mutating func startOver() {
        end = 0
        bookmark = nil
        anchor = nil
        isVerified = true
    }

    private mutating func startOver(_ finding: KafkaDiscontinuity) -> KafkaDiscontinuity {
        startOver()
        return finding
    }
}
