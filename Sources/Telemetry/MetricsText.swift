/// Writes Prometheus' text exposition, version 0.0.4.
struct MetricsText {
    private(set) var text = ""

    mutating func describe(_ name: String, _ help: String, type: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: MetricLabels, _ value: String, bound: String? = nil) {
        text += "\(name)\(labels.shown(bound: bound)) \(value)\n"
    }

    /// Whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
