import Synchronization

/// Counters and gauges of one daemon, in Prometheus' text format. Counters begin at zero with each start.
package final class Metrics: Sendable {
    private struct Series {
        let help: StaticString
        var values: [String: Int64] = [:]
    }

    private let counters = Mutex<[String: Series]>([:])

    package init() {}

    /// - Parameter labels: as they appear between the braces, for example `outcome="applied"`.
    package func count(_ name: StaticString, _ help: StaticString, labels: String = "", by amount: Int64 = 1) {
        counters.withLock { counters in
            counters[name.description, default: Series(help: help)].values[labels, default: 0] += amount
        }
    }

    package struct Gauge: Sendable {
        let name: String
        let help: String
        let value: Double
        let labels: String

        package init(_ name: String, _ help: String, _ value: Double, labels: String = "") {
            self.name = name
            self.help = help
            self.value = value
            self.labels = labels
        }
    }

    /// Everything, in the format of Prometheus' text exposition, version 0.0.4.
    package func text(gauges: [Gauge]) -> String {
        var lines: [String] = []
        for (name, series) in counters.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            lines.append("# HELP \(name) \(series.help)")
            lines.append("# TYPE \(name) counter")
            for (labels, value) in series.values.sorted(by: { $0.key < $1.key }) {
                lines.append("\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value)")
            }
        }
        var described: Set<String> = []
        for gauge in gauges {
            if described.insert(gauge.name).inserted {
                lines.append("# HELP \(gauge.name) \(gauge.help)")
                lines.append("# TYPE \(gauge.name) gauge")
            }
            let value = gauge.value == gauge.value.rounded() ? "\(Int64(gauge.value))" : "\(gauge.value)"
            lines.append("\(gauge.name)\(gauge.labels.isEmpty ? "" : "{\(gauge.labels)}") \(value)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
