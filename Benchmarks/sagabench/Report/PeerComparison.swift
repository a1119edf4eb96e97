/// What the suites did in the rounds of `sagabench peers`.
struct PeerComparison: Codable, Sendable {
    var rounds: [PeerRound] = []

    /// Orders to a commit of the floor that shares are stated of.
    static let floorBatch = 64

    var transports: [TransportChoice] { TransportChoice.allCases.filter { choice in rounds.contains { $0.transport == choice } } }

    /// A figure of each round on that transport.
    func spread(_ transport: TransportChoice, _ figure: (PeerRound) -> Double) -> Spread {
        Spread(rounds.filter { $0.transport == transport }.map(figure))
    }

    var text: String {
        let rows = transports.flatMap { transport -> [[String]] in
            let target = PeerTarget.of(transport)
            func row(_ what: String, _ digits: Int, _ peer: String, _ own: Spread, _ target: Target? = nil) -> [String] {
                [
                    "\(transport): \(what)", peer, own.median.text(digits), "\(own.least.text(digits))–\(own.most.text(digits))",
                    target?.text ?? "", target.map { $0.isMet(by: own.median) ? "met" : "not met" } ?? "",
                ]
            }
            return [
                row(
                    "orders/s to final", 0, spread(transport, \.peer.ordersPerSecond).median.text(0),
                    spread(transport, \.own.ordersPerSecond)),
                row("… over the peer's", 2, "1", spread(transport, \.timesThePeer), target.timesThePeer),
                row(
                    "CPU per order, µs, broker included", 0, spread(transport, \.peer.cpuMicroseconds).median.text(0),
                    spread(transport, \.own.cpuMicroseconds), target.cpuMicroseconds),
                row(
                    "% of the floor (\(spread(transport, \.floor).median.text(0)) orders/s)", 0,
                    spread(transport, \.peerShareOfFloor).median.text(0), spread(transport, \.ownShareOfFloor), target.shareOfFloor),
            ]
        }
        return TextGrid(["median of the rounds", "python", "sagad", "least–most", "target", ""], rows).text
    }
}

/// One round on one transport.
struct PeerRound: Codable, Sendable {
    var transport: TransportChoice
    var own: SuiteFigures
    var peer: SuiteFigures
    /// Orders a second.
    var floor: Double

    var timesThePeer: Double { own.ordersPerSecond / peer.ordersPerSecond }
    /// Both in percent.
    var ownShareOfFloor: Double { own.ordersPerSecond / floor * 100 }
    var peerShareOfFloor: Double { peer.ordersPerSecond / floor * 100 }
}

/// What is compared of a load on one suite.
struct SuiteFigures: Codable, Sendable {
    /// From POST to final.
    var ordersPerSecond = 0.0
    /// Of one order, over all processes and the mock broker.
    var cpuMicroseconds = 0.0
}

/// The middle one of some values, and the outermost.
struct Spread {
    let median: Double
    let least: Double
    let most: Double

    init(_ values: [Double]) {
        let sorted = values.sorted()
        least = sorted.first ?? 0
        most = sorted.last ?? 0
        let middle = sorted.count / 2
        median = sorted.isEmpty ? 0 : sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
