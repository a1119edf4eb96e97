import Testing

@testable import sagabench

struct HistogramTests {
    @Test(arguments: [(0.5, 50_000), (0.95, 95_000), (0.99, 99_000), (1, 100_000)])
    func `a percentile is right to within its buckets' width`(share: Double, microseconds: Int) {
        var histogram = Histogram()
        for value in 1...100_000 { histogram.add(.microseconds(value)) }
        let found = histogram.percentile(share) / .microseconds(1)
        #expect(abs(found - Double(microseconds)) <= Double(microseconds) * 0.016)
    }

    @Test(arguments: [0, 1, 63, 64, 65, 127, 128, 1_000_000_007, Int64.max / 4])
    func `one value is its own percentile and maximum`(nanoseconds: Int64) {
        var histogram = Histogram()
        histogram.add(.nanoseconds(nanoseconds))
        #expect(histogram.percentile(0.5) == .nanoseconds(nanoseconds))
        #expect(histogram.maximum == .nanoseconds(nanoseconds))
        #expect(histogram.count == 1)
    }

    @Test func `an empty one answers zero`() {
        #expect(Histogram().percentile(0.99) == .zero)
        #expect(Histogram().mean == .zero)
    }
}
