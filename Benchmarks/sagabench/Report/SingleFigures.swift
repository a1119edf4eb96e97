/// One order on an idle suite, beside what the disk alone takes: three commits follow each other until an order is final.
struct SingleFigures: Codable, Sendable {
    var transport: String
    /// Medians, in milliseconds.
    var sync: Double
    var final: Double

    static let commits = 3.0

    /// In milliseconds, beyond the three syncs.
    var rest: Double { final - Self.commits * sync }

    /// How much that may be.
    var target: Target { transport == TransportChoice.kafka.rawValue ? .atMost(2.5) : .atMost(1) }

    static func text(_ figures: [SingleFigures]) -> String {
        TextGrid(
            ["p50, ms", "a sync", "POST → final", "beyond 3 syncs", "target", ""],
            figures.map {
                [
                    $0.transport, $0.sync.text(2), $0.final.text(2), $0.rest.text(2), $0.target.text,
                    $0.target.isMet(by: $0.rest) ? "met" : "not met",
                ]
            }
        ).text
    }
}
