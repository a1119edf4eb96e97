/// Durations counted in buckets that grow with the value: 64 to each power of two, so that a percentile is off by 1.6 % at most.
///
/// A value; adding costs a few instructions and no allocation, so that measuring does not slow what is measured.
struct Histogram {
    private static let bits = 6
    private static let width = 1 << bits

    private var buckets = [UInt32](repeating: 0, count: (64 - bits + 1) * width)
    private(set) var count = 0
    private(set) var maximum: Duration = .zero
    private var sum: Double = 0

    mutating func add(_ duration: Duration) {
        let nanoseconds = UInt64(max(0, duration / .nanoseconds(1)))
        buckets[Histogram.index(nanoseconds)] += 1
        count += 1
        sum += Double(nanoseconds)
        maximum = max(maximum, duration)
    }

    /// The smallest duration that `share` of all are not above; zero when there are none.
    func percentile(_ share: Double) -> Duration {
        let wanted = Int((share * Double(count)).rounded(.up))
        var seen = 0
        for (index, bucket) in buckets.enumerated() where bucket > 0 {
            seen += Int(bucket)
            if seen >= wanted { return min(maximum, .nanoseconds(Int64(Histogram.upperBound(index)))) }
        }
        return maximum
    }

    var mean: Duration { count == 0 ? .zero : .nanoseconds(Int64(sum / Double(count))) }

    /// Values below 64 have a bucket each; above, the six bits behind the leading one choose it.
    private static func index(_ value: UInt64) -> Int {
        if value < UInt64(width) { return Int(value) }
        let shift = 63 - value.leadingZeroBitCount - bits
        return (shift + 1) * width + Int(value >> UInt64(shift)) - width
    }

    private static func upperBound(_ index: Int) -> UInt64 {
        if index < width { return UInt64(index) }
        let shift = UInt64(index / width - 1)
        return (UInt64(index % width + width + 1) << shift) - 1
    }
}
