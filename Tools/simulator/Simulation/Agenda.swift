/// What is to happen, in order of simulated time; what is due at the same time happens in the order in which it was planned.
struct Agenda {
    private struct Entry {
        let time: Microseconds
        let action: () throws -> Void
    }

    /// The next one last. A few dozen at most, so inserting is cheap.
    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(at time: Microseconds, _ action: @escaping () throws -> Void) {
        var index = entries.count
        while index > 0, entries[index - 1].time <= time { index -= 1 }
        entries.insert(Entry(time: time, action: action), at: index)
    }

    mutating func next() -> (time: Microseconds, action: () throws -> Void)? {
        entries.popLast().map { ($0.time, $0.action) }
    }

    mutating func removeAll() {
        entries = []
    }
}

/// Simulated time since the beginning: what a monotonic clock would say.
typealias Microseconds = Int64

extension Microseconds {
    static func milliseconds(_ count: Int) -> Microseconds { Microseconds(count) * 1000 }
}
