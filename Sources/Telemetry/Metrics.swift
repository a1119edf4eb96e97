import Synchronization

/// The counters and histograms of one process, in Prometheus' text format. They begin at zero with each start.
///
/// Our own: swift-metrics is an interface without a backend, and what a daemon needs of one is on these pages. Owned by the daemon;
/// what is known only when somebody asks, such as the length of a queue, is passed to `text` as gauges.
package final class Metrics: Sendable {
    private struct Registry {
        var counters: [String: CounterFamily] = [:]
        var histograms: [String: HistogramFamily] = [:]
    }

    private struct CounterFamily {
        let help: String
        var series: [MetricLabels: Counter] = [:]
    }

    private let registry = Mutex(Registry())

    package init() {}

    /// A counter, whose name ends in `_total`; shown from now on, before anything was counted. The same name and labels give the same one.
    package func counter(_ name: StaticString, _ help: StaticString, labels: MetricLabels = [:]) -> Counter {
        registry.withLock {
            var family = $0.counters[name.description] ?? CounterFamily(help: help.description)
            let counter = family.series[labels] ?? Counter()
            family.series[labels] = counter
            $0.counters[name.description] = family
            return counter
        }
    }

    /// Adds to a counter that is seldom needed.
    package func count(_ name: StaticString, _ help: StaticString, labels: MetricLabels = [:], by amount: Int64 = 1) {
        counter(name, help, labels: labels).add(amount)
    }

    /// The histograms of one name, which differ in their labels. The same name gives the same family.
    ///
    /// - Parameter bounds: the upper bounds of its buckets in ascending order, without the last, infinite one.
    package func histogram(_ name: StaticString, _ help: StaticString, bounds: [Double] = Histogram.seconds) -> HistogramFamily {
        registry.withLock {
            let family = $0.histograms[name.description] ?? HistogramFamily(help: help.description, bounds: bounds)
            $0.histograms[name.description] = family
            return family
        }
    }

    /// Everything, in the format of Prometheus' text exposition, version 0.0.4, sorted by name.
    package func text(gauges: [Gauge]) -> String {
        let (counters, histograms) = registry.withLock { ($0.counters, $0.histograms) }
        var text = MetricsText()
        for (name, family) in counters.sorted(by: { $0.key < $1.key }) {
            text.describe(name, family.help, type: "counter")
            for (labels, counter) in family.series.sorted(by: { $0.key < $1.key }) { text.sample(name, labels, "\(counter.current)") }
        }
        for (name, family) in histograms.sorted(by: { $0.key < $1.key }) { family.write(as: name, to: &text) }
        // A family stays together, whoever contributes to it.
        var families: [String: [Gauge]] = [:]
        for gauge in gauges { families[gauge.name, default: []].append(gauge) }
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.describe(name, family[0].help, type: family[0].kind.rawValue)
            for gauge in family.sorted(by: { $0.labels < $1.labels }) { text.sample(name, gauge.labels, MetricsText.number(gauge.value)) }
        }
        return text.text
    }
}

/// A value that is read when somebody asks for it.
package struct Gauge: Sendable {
    package enum Kind: String, Sendable {
        /// Goes up and down.
        case gauge
        /// Only grows, and is kept elsewhere.
        case counter
    }

    package let name: String
    package let help: String
    package let value: Double
    package let labels: MetricLabels
    package let kind: Kind

    package init(_ name: String, _ help: String, _ value: Double, labels: MetricLabels = [:], kind: Kind = .gauge) {
        self.name = name
        self.help = help
        self.value = value
        self.labels = labels
        self.kind = kind
    }
}
