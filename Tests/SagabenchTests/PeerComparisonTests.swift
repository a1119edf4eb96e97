import Testing

@testable import sagabench

struct PeerComparisonTests {
    /// Three rounds over direct: 4, 5 and 3 times the peer.
    private var comparison: PeerComparison {
        PeerComparison(
            rounds: [(4000.0, 1000.0), (5000, 1000), (6000, 2000)].map { own, peer in
                PeerRound(
                    transport: .direct, own: SuiteFigures(ordersPerSecond: own, cpuMicroseconds: 100),
                    peer: SuiteFigures(ordersPerSecond: peer, cpuMicroseconds: 400), floor: 10_000)
            })
    }

    @Test func `a ratio is of one round, and the median of the rounds is stated`() {
        let times = comparison.spread(.direct, \.timesThePeer)
        #expect(times.median == 4)
        #expect(times.least == 3)
        #expect(times.most == 5)
        #expect(comparison.spread(.direct, \.ownShareOfFloor).median == 50)
        #expect(comparison.spread(.direct, \.peerShareOfFloor).median == 10)
        #expect(comparison.transports == [.direct])
    }

    @Test(arguments: [([], 0), ([7], 7), ([9, 1], 5), ([3, 9, 1], 3)] as [([Double], Double)])
    func `the median of an even number of values lies between two`(values: [Double], median: Double) {
        #expect(Spread(values).median == median)
    }

    @Test func `each figure stands beside its target`() throws {
        let lines = comparison.text.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        func line(_ word: String) throws -> [Substring] { try #require(lines.first { $0.contains { $0 == word } }) }
        #expect(try line("over").suffix(7) == ["1", "4.00", "3.00–5.00", "≥", "4.5", "not", "met"])
        #expect(try line("CPU").suffix(6) == ["400", "100", "100–100", "≤", "115", "met"])
        #expect(try line("floor").suffix(7) == ["10", "50", "40–60", "≥", "75", "not", "met"])
    }

    @Test(arguments: [("direct", 3.9, true), ("direct", 4.1, false), ("kafka", 5.4, true), ("kafka", 5.6, false)])
    func `a single order may take three syncs and a little`(transport: String, final: Double, isMet: Bool) {
        let figures = SingleFigures(transport: transport, sync: 1, final: final)
        #expect(figures.target.isMet(by: figures.rest) == isMet)
    }

    @Test func `a chart draws bars in proportion, in colours for light and dark`() throws {
        var report = Report(scenario: "peers")
        report.phases = [Phase(name: "a", transport: "direct", load: "closed <loop> & more")]
        let chart = PeerChart(comparison, report).document
        #expect(chart.contains("prefers-color-scheme: dark"))
        #expect(chart.contains("closed &lt;loop&gt; &amp; more"))
        #expect(chart.contains("4.0 times the Python suite"))
        let widths = chart.split(separator: "<rect class=").compactMap { part -> Int? in
            guard part.hasPrefix("\"own\"") || part.hasPrefix("\"peer\"") else { return nil }
            return part.firstMatch(of: /width="(\d+)"/).flatMap { Int($0.1) }
        }
        // The floor of 10,000 is the whole width, 620: the medians are 1,000 and 5,000. Then the peer's 400 µs are, and 100.
        #expect(widths == [62, 310, 620, 155])
        for tag in ["svg", "text", "style", "title", "desc"] {
            #expect(chart.ranges(of: "<\(tag)").count == chart.ranges(of: "</\(tag)>").count)
        }
    }
}
