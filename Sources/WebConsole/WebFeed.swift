import FoundationEssentials

/// Asks the daemons once a second while anybody looks, however many do, and hands each of them what there is.
///
/// Whoever is slow gets the newest and misses what was between.
actor WebFeed {
    /// Takes part until it is finished.
    typealias Viewer = AsyncStream<Data>.Continuation

    private let snapshot: @Sendable () async -> Data
    private let interval: Duration
    private var viewers: [Int: Viewer] = [:]
    private var joined = 0
    private var asking: Task<Void, Never>?
    private var lastAsked: ContinuousClock.Instant?

    init(every interval: Duration = .seconds(1), _ snapshot: @escaping @Sendable () async -> Data) {
        self.interval = interval
        self.snapshot = snapshot
    }

    func join() -> (snapshots: AsyncStream<Data>, viewer: Viewer) {
        let (snapshots, viewer) = AsyncStream.makeStream(of: Data.self, bufferingPolicy: .bufferingNewest(1))
        joined += 1
        let number = joined
        viewers[number] = viewer
        viewer.onTermination = { _ in Task { await self.leave(number) } }
        if asking == nil { asking = Task { await ask() } }
        return (snapshots, viewer)
    }

    var count: Int { viewers.count }

    private func leave(_ number: Int) {
        viewers[number] = nil
        guard viewers.isEmpty else { return }
        asking?.cancel()
        asking = nil
    }

    private func ask() async {
        while !Task.isCancelled {
            // Also where one has left and another one has come meanwhile.
            if let lastAsked { try? await Task.sleep(until: lastAsked + interval, clock: .continuous) }
            guard !Task.isCancelled else { return }
            lastAsked = .now
            let text = await snapshot()
            for viewer in viewers.values { viewer.yield(text) }
        }
    }
}
