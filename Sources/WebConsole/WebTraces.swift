/// The timelines that pages look at: each order's is asked for at most once a second, whatever the number of pages.
actor WebTraces {
    private struct Entry {
        let trace: Task<WebSource.Trace, Never>
        let since: ContinuousClock.Instant
    }

    private let ask: @Sendable (_ order: String) async -> WebSource.Trace
    private let memory: Duration
    private var entries: [String: Entry] = [:]

    init(for memory: Duration = .seconds(1), _ ask: @escaping @Sendable (_ order: String) async -> WebSource.Trace) {
        self.ask = ask
        self.memory = memory
    }

    func trace(of order: String) async -> WebSource.Trace {
        let now = ContinuousClock.now
        entries = entries.filter { now - $0.value.since < memory }
        if let entry = entries[order] { return await entry.trace.value }
        let trace = Task { [ask] in await ask(order) }
        entries[order] = Entry(trace: trace, since: now)
        return await trace.value
    }
}
