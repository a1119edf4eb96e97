/// How long something took, each time it happened.
struct Spread: Encodable, Equatable, Sendable {
    let count: Int
    let p50Milliseconds: Double
    let p95Milliseconds: Double
    let maxMilliseconds: Double

    init(_ durations: [Duration] = []) {
        let sorted = durations.map { ($0 / .milliseconds(1) * 10).rounded() / 10 }.sorted()
        count = sorted.count
        // The nearest rank: the smallest that so many are not above.
        func rank(_ percent: Int) -> Double { sorted.isEmpty ? 0 : sorted[(sorted.count * percent + 99) / 100 - 1] }
        (p50Milliseconds, p95Milliseconds, maxMilliseconds) = (rank(50), rank(95), rank(100))
    }

    var text: String {
        count == 0 ? "never" : "p50 \(p50Milliseconds) ms, p95 \(p95Milliseconds) ms, max \(maxMilliseconds) ms (\(count) times)"
    }
}
