import DequeModule

/// What was handed to a producer and is not yet published, in order.
///
/// Confirmations of different partitions come in any order. What counts as published is the longest confirmed run from the start,
/// since that is where a new producer begins. Lives and dies with one producer.
package struct EntriesInFlight: Sendable {
    private var entries: Deque<(seq: Int64, isConfirmed: Bool)> = []

    package init() {}

    package var count: Int { entries.count }

    package mutating func sent(_ seq: Int64) {
        entries.append((seq, false))
    }

    /// What the longest confirmed run ends before.
    package var oldest: Int64? { entries.first?.seq }

    /// The last one was not handed over after all.
    package mutating func takeBack() {
        _ = entries.popLast()
    }

    package mutating func confirm(_ seq: Int64) {
        var low = entries.startIndex
        var high = entries.endIndex
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].seq < seq { low = middle + 1 } else { high = middle }
        }
        if low < entries.endIndex, entries[low].seq == seq { entries[low].isConfirmed = true }
    }

    /// Forgets the confirmed run from the start, and returns its end if there is one.
    package mutating func takeConfirmed() -> Int64? {
        var last: Int64?
        while let first = entries.first, first.isConfirmed {
            last = first.seq
            entries.removeFirst()
        }
        return last
    }
}
