import Telemetry

/// How long commits take, and how much each makes durable.
struct CommitMetrics: Sendable {
    private let durations: Histogram
    private let jobs: Histogram

    init(_ metrics: Metrics) {
        durations = metrics.histogram("saga_commit_duration_seconds", "Transactions, from their beginning until they are durable.")[[:]]
        jobs =
            metrics.histogram(
                "saga_commit_jobs", "Pieces of work that a commit made durable.", bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])[[:]]
    }

    func note(_ duration: Duration, jobs count: Int) {
        durations.observe(duration)
        jobs.observe(Double(count))
    }
}
