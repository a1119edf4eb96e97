import Synchronization

/// How often something was how large, in buckets.
package final class Histogram: Sendable {
    struct Values {
        /// By bucket, not yet summed up; the last one has no bound.
        var counts: [UInt64]
        var sum = 0.0
    }

    /// From what a commit takes to what a client waits at most.
    package static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private let bounds: [Double]
    private let values: Mutex<Values>

    init(bounds: [Double]) {
        self.bounds = bounds
        values = Mutex(Values(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    package func observe(_ value: Double) {
        // A value that equals a bound belongs to it. Most values are small, so the search begins below.
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        values.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    /// In seconds; a clock that was set back counts as no time.
    package func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(max(0, Double(seconds) + Double(attoseconds) * 1e-18))
    }

    var current: Values { values.withLock { $0 } }
}

/// The histograms of one name, by labels.
package final class HistogramFamily: Sendable {
    private let help: String
    private let bounds: [Double]
    private let series = Mutex<[MetricLabels: Histogram]>([:])

    init(help: String, bounds: [Double]) {
        self.help = help
        self.bounds = bounds
    }

    /// The one with these labels, to be kept where many values come.
    package subscript(labels: MetricLabels) -> Histogram {
        series.withLock { series in
            if let histogram = series[labels] { return histogram }
            let histogram = Histogram(bounds: bounds)
            series[labels] = histogram
            return histogram
        }
    }

    func write(as name: String, to text: inout MetricsText) {
        text.describe(name, help, type: "histogram")
        for (labels, histogram) in series.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            let values = histogram.current
            var total: UInt64 = 0
            for (bound, count) in zip(bounds.map(MetricsText.number) + ["+Inf"], values.counts) {
                total += count
                text.sample("\(name)_bucket", labels, "\(total)", bound: bound)
            }
            text.sample("\(name)_sum", labels, MetricsText.number(values.sum))
            text.sample("\(name)_count", labels, "\(total)")
        }
    }
}
