/// Many runs, on all cores; each run stays on one thread.
package struct Campaign: Sendable {
    package var seeds: Range<UInt64>
    package var mutant: Mutant?
    package var workers: Int

    package init(seeds: Range<UInt64>, mutant: Mutant? = nil, workers: Int) {
        self.seeds = seeds
        self.mutant = mutant
        self.workers = workers
    }

    package struct Report: Sendable {
        package var runs = 0
        package var events = 0
        package var faults = FaultCounts()
        /// The smallest seed that fails, as far as was looked.
        package var failure: (seed: UInt64, violation: String)?

        mutating func add(_ outcome: Simulation.Outcome, of seed: UInt64) {
            runs += 1
            events += outcome.events
            faults.add(outcome.faults)
            if let violation = outcome.violation, seed < failure?.seed ?? .max { failure = (seed, violation) }
        }

        mutating func add(_ other: Report) {
            runs += other.runs
            events += other.events
            faults.add(other.faults)
            if let failure = other.failure, failure.seed < self.failure?.seed ?? .max { self.failure = failure }
        }
    }

    /// Runs all seeds, or as many as it takes to find one that fails.
    ///
    /// - Parameter progress: told now and then how many were run, by whichever worker.
    package func run(progress: @escaping @Sendable (Report) -> Void = { _ in }) async -> Report {
        var report = Report()
        var next = seeds.lowerBound
        while next < seeds.upperBound, report.failure == nil {
            let end = min(next + UInt64(workers * Campaign.chunk), seeds.upperBound)
            report.add(await run(next..<end))
            next = end
            progress(report)
        }
        return report
    }

    private func run(_ seeds: Range<UInt64>) async -> Report {
        await withTaskGroup { group in
            for worker in 0..<workers {
                group.addTask {
                    var report = Report()
                    let own = stride(from: seeds.lowerBound + UInt64(worker), to: seeds.upperBound, by: workers)
                    for seed in own where report.failure == nil {
                        report.add(Simulation(seed: seed, mutant: mutant).run(), of: seed)
                    }
                    return report
                }
            }
            return await group.reduce(into: Report()) { $0.add($1) }
        }
    }

    private static let chunk = 50
}
