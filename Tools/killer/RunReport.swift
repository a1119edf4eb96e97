import AdminAPI

/// What came of a run.
struct RunReport: Sendable {
    let schedule: Schedule
    var cycles = 0
    /// By target and kind.
    var strikes: [String: Int] = [:]
    var requests = 0
    var retries = 0
    var sightings = 0
    /// By status and reason.
    var orders: [String: Int] = [:]
    /// How long there was load.
    var load: Duration = .zero
    /// From the start of a process to READY=1.
    var ready = Spread()
    /// From the start of a process to the first event that it applied.
    var firstEvent = Spread()
    /// From SIGTERM to the end.
    var stop = Spread()
    /// From the last order, when all daemons were there again, to a suite that has nothing left to do.
    var quiescence: Duration = .zero
    var violations: [Violation] = []
    /// Why the run did not come to its end.
    var failure: String?
    /// Of the databases and logs, when they were kept.
    var directory: String?

    init(schedule: Schedule) {
        self.schedule = schedule
    }

    var hasPassed: Bool { violations.isEmpty && failure == nil }

    mutating func note(_ history: History.Content) {
        (requests, retries, sightings) = (history.wishes.count, history.retries, history.sightings.count)
    }

    mutating func note(_ orders: [Order]) {
        self.orders = Dictionary(grouping: orders) { [$0.status.rawValue, $0.reason].compactMap(\.self).joined(separator: " ") }
            .mapValues(\.count)
    }

    /// For people.
    var text: String {
        var lines = [
            "transport \(schedule.transport), seed \(schedule.seed): \(cycles) cycles in \(load.seconds) s",
            "strikes: \(strikes.values.reduce(0, +))",
        ]
        lines += strikes.sorted { $0.key < $1.key }.map { "  \($0.value)\t\($0.key)" }
        lines.append("orders: \(requests) asked for, \(retries) requests sent again, \(sightings) sightings")
        lines += orders.sorted { $0.key < $1.key }.map { "  \($0.value)\t\($0.key)" }
        lines += [
            "recovery, start to ready: \(ready.text)", "recovery, start to the first event applied: \(firstEvent.text)",
            "SIGTERM to the end: \(stop.text)", "all at rest after the last order: \(quiescence.seconds) s",
        ]
        for invariant in Invariant.allCases {
            let found = violations.filter { $0.invariant == invariant }
            let verdict = failure == nil ? "holds" : "unknown"
            lines.append("\(found.isEmpty ? verdict : "VIOLATED \(found.count) times"): \(invariant.rawValue)")
            lines += found.prefix(20).map { "  \($0.text)" }
        }
        if let failure { lines.append("FAILED: \(failure)") }
        if let directory {
            lines.append("databases and logs are kept in \(directory); seed \(schedule.seed) strikes the same way again")
        }
        return lines.joined(separator: "\n")
    }
}

extension RunReport: Encodable {
    private enum CodingKeys: CodingKey {
        case transport, seed, hasPassed, cycles, strikes, requests, retries, sightings, orders, loadSeconds, startToReady, startToFirstEvent
        case stop, quiescenceSeconds, violations, failure, directory
    }

    func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(schedule.transport.rawValue, forKey: .transport)
        try json.encode(schedule.seed, forKey: .seed)
        try json.encode(hasPassed, forKey: .hasPassed)
        try json.encode(cycles, forKey: .cycles)
        try json.encode(strikes, forKey: .strikes)
        try json.encode(requests, forKey: .requests)
        try json.encode(retries, forKey: .retries)
        try json.encode(sightings, forKey: .sightings)
        try json.encode(orders, forKey: .orders)
        try json.encode(load.seconds, forKey: .loadSeconds)
        try json.encode(ready, forKey: .startToReady)
        try json.encode(firstEvent, forKey: .startToFirstEvent)
        try json.encode(stop, forKey: .stop)
        try json.encode(quiescence.seconds, forKey: .quiescenceSeconds)
        try json.encode(violations.map(\.description), forKey: .violations)
        try json.encodeIfPresent(failure, forKey: .failure)
        try json.encodeIfPresent(directory, forKey: .directory)
    }
}

extension Duration {
    fileprivate var seconds: Double { (self / .seconds(1) * 100).rounded() / 100 }
}
