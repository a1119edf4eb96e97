/// The counters of one daemon, from Prometheus' text format as the daemons write it.
struct MetricsPage: Sendable {
    private let samples: [(name: Substring, labels: Substring, value: Double)]

    init(_ text: String) {
        samples = text.split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#"), let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                return nil
            }
            let sample = line[..<space]
            let brace = sample.firstIndex(of: "{") ?? sample.endIndex
            return (sample[..<brace], sample[brace...], value)
        }
    }

    func sum(_ name: String) -> Int { Int(samples.filter { $0.name == name }.reduce(0) { $0 + $1.value }) }

    /// Those that count anything, by the value of a label, most first.
    func counts(_ name: String, by label: String) -> [(reason: String, count: Int)] {
        let counts = samples.filter { $0.name == name && $0.value > 0 }.compactMap { sample -> (reason: String, count: Int)? in
            guard let start = sample.labels.firstRange(of: label + "=\"")?.upperBound else { return nil }
            return (String(sample.labels[start...].prefix { $0 != "\"" }), Int(sample.value))
        }
        return counts.sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
    }
}
