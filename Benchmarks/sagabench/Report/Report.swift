import Saga
import Wire

/// One run of the benchmark: what `--json` prints and `--compare` reads. Times are in milliseconds, sizes in the unit of their name.
struct Report: Codable, Sendable {
    var version = Version.current
    var scenario: String
    var startedAt = Timestamp.wallClock.description
    var machine = Machine.current()
    /// What is not as an installed suite has it, if anything.
    var remarks: [String]?
    var floor: [FloorResult] = []
    var phases: [Phase] = []
    var idle: [IdlePhase] = []
    var starts: [StartPhase] = []
    /// Of single orders on an idle suite.
    var singles: [SingleFigures]?
    /// Of the scenario that compares suites.
    var peers: PeerComparison?
    /// What the databases say that is wrong, once the suite has stopped; of suites that were started here.
    var reconciliation: [String] = []

    init(scenario: String) {
        self.scenario = scenario
    }

    /// What was found wrong: a run with problems is no measurement.
    var problems: [String] {
        phases.flatMap { phase in phase.problems.map { "\(phase.name): \($0)" } }
            + starts.flatMap { start in start.problems.map { "\(start.name): \($0)" } } + reconciliation
    }
}

/// One load on one suite.
struct Phase: Codable, Sendable {
    var name: String
    var transport: String
    var load: String
    /// How long orders were sent, and how long it took from the first until the last was final.
    var sendingSeconds = 0.0
    var seconds = 0.0

    var accepted = 0
    var finished = 0
    var approved = 0
    var canceled = 0
    var refused: [String: Int] = [:]
    var lost = 0
    var unsent = 0

    var acceptedPerSecond = 0.0
    /// All that were accepted, by the time until the last of them was final.
    var finishedPerSecond = 0.0
    /// While orders were sent; the same as `acceptedPerSecond` where no backlog grows.
    var finishedPerSecondWhileSending = 0.0
    /// `finishedPerSecond` by the floor's orders a second, by orders to a commit there; empty without `--floor`.
    var shareOfFloor: [String: Double] = [:]

    var post = Latency(Histogram())
    var postToFinal = Latency(Histogram())
    /// Without the wait for a free connection, which an open loop counts as part of the above.
    var answer = Latency(Histogram())
    var refusal = Latency(Histogram())

    /// Of all daemons and the mock broker together.
    var cpuSecondsPer1000Orders = 0.0
    var processes: [ProcessCost] = []
    /// Of this program, which is not part of the suite but runs on the same processors.
    var generatorCPUSecondsPer1000Orders = 0.0

    var largestBacklog = 0
    var series: [Second] = []
    var problems: [String] = []
}

/// Percentiles in milliseconds.
struct Latency: Codable, Sendable {
    var count: Int
    var mean: Double
    var p50: Double
    var p95: Double
    var p99: Double
    var max: Double

    init(_ histogram: Histogram) {
        count = histogram.count
        mean = histogram.mean.milliseconds
        p50 = histogram.percentile(0.5).milliseconds
        p95 = histogram.percentile(0.95).milliseconds
        p99 = histogram.percentile(0.99).milliseconds
        max = histogram.maximum.milliseconds
    }
}

/// What one process of the suite used for the orders of a phase.
struct ProcessCost: Codable, Sendable {
    var name: String
    var cpuSecondsPer1000Orders: Double
    /// Of one processor, while orders were under way.
    var cpuPercent: Double
    var residentMiB: Double
    var peakResidentMiB: Double
    /// From the end of the second minute to the end; absent in shorter runs.
    var residentGrowthMiB: Double?
    var diskBytesPerOrder: Double
    /// Commits, each of which is one `fdatasync`; absent for what is not a daemon.
    var syncsPerOrder: Double?
}

/// One second of a phase.
struct Second: Codable, Sendable {
    var second: Double
    var accepted: Int
    var finished: Int
    var refused: Int
    /// Orders that are accepted and not final.
    var backlog: Int
    /// Events of the order service that are not yet published.
    var outbox: Int
    /// Of all processes of the suite together.
    var residentMiB: Double
}
