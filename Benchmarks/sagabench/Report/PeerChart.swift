/// The comparison as a chart: what each suite does and what an order costs, with the floor as a line across. It is legible on light and dark
/// ground, since its colours follow the reader's preference, and it needs no font of its own.
struct PeerChart {
    private struct Panel {
        let title: String
        let peer: Spread
        let own: Spread
        let line: (label: String, value: Double)
        let digits: Int
    }

    private let panels: [Panel]
    private let caption: [String]
    private let description: String

    init(_ comparison: PeerComparison, _ report: Report) {
        panels = comparison.transports.flatMap { transport in
            let target = PeerTarget.of(transport)
            return [
                Panel(
                    title: "\(transport): orders a second, POST to final",
                    peer: comparison.spread(transport, \.peer.ordersPerSecond), own: comparison.spread(transport, \.own.ordersPerSecond),
                    line: ("the floor, \(PeerComparison.floorBatch) orders to a commit", comparison.spread(transport, \.floor).median),
                    digits: 0),
                Panel(
                    title: "\(transport): processor time of an order, µs" + (transport == .kafka ? ", broker included" : ""),
                    peer: comparison.spread(transport, \.peer.cpuMicroseconds), own: comparison.spread(transport, \.own.cpuMicroseconds),
                    line: ("target", target.cpuMicroseconds.bound), digits: 0),
            ]
        }
        let ratios = comparison.transports.map { transport in
            let times = comparison.spread(transport, \.timesThePeer)
            return "\(transport) \(times.median.text(1)) times the Python suite (target \(PeerTarget.of(transport).timesThePeer.text))"
        }
        let machine = report.machine
        caption = [
            ratios.joined(separator: "; "),
            "\(report.startedAt.prefix(10)), \(machine.processors) × \(machine.model), the load on the same; "
                + "\(report.phases.first?.load ?? ""); median of the rounds, lines: least to most",
        ]
        description = caption.joined(separator: ". ")
    }

    private static let width = 860
    private static let labelWidth = 80
    private static let barWidth = 620
    private static let panelHeight = 96

    var document: String {
        let height = panels.count * Self.panelHeight + 70
        let body =
            panels.enumerated().map { drawn($1, top: 20 + $0 * Self.panelHeight) }
            + caption.enumerated().map { index, line in
                text(line, x: 20, y: height - 36 + index * 18, index == 0 ? "" : "faint")
            }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.width) \(height)" width="\(Self.width)" height="\(height)" role="img" \
            aria-labelledby="title desc">
            <title id="title">sagad beside a suite in Python and the floor</title>
            <desc id="desc">\(Self.escaped(description))</desc>
            <style>
            text { font: 13px system-ui, sans-serif; fill: #1f2328; } .strong { font-weight: 600; } .faint { fill: #656d76; font-size: 12px; }
            .ground { fill: #ffffff; } .own { fill: #0a5bb5; } .peer { fill: #9aa4af; } .spread { stroke: #1f2328; } .line { stroke: #c3202f; }
            .line, .spread { stroke-width: 1.5; } .line { stroke-dasharray: 4 3; }
            @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; } .faint { fill: #9198a1; } .ground { fill: #0d1117; } .own { fill: #388bfd; } .peer { fill: #59636e; }
            .spread { stroke: #e6edf3; } .line { stroke: #ff7b72; }
            }
            </style>
            <rect class="ground" width="\(Self.width)" height="\(height)"/>
            \(body.joined(separator: "\n"))
            </svg>

            """
    }

    private func drawn(_ panel: Panel, top: Int) -> String {
        let most = max(panel.line.value, panel.peer.most, panel.own.most, 1)
        func x(_ value: Double) -> Int { 20 + Self.labelWidth + Int((value / most * Double(Self.barWidth)).rounded()) }
        let start = x(0), line = x(panel.line.value)
        var elements = [text(panel.title, x: 20, y: top + 12, "strong")]
        for (index, bar) in [("Python", "peer", panel.peer), ("sagad", "own", panel.own)].enumerated() {
            let (name, kind, spread) = bar
            let y = top + 22 + index * 26
            elements += [
                text(name, x: 20, y: y + 14),
                #"<rect class="\#(kind)" x="\#(start)" y="\#(y)" width="\#(x(spread.median) - start)" height="20"/>"#,
                #"<path class="spread" d="M\#(x(spread.least)) \#(y + 10)H\#(x(spread.most))"/>"#,
                text(spread.median.text(panel.digits), x: x(max(spread.most, spread.median)) + 6, y: y + 14),
            ]
        }
        let label = "\(panel.line.label): \(panel.line.value.text(panel.digits))"
        elements += [
            #"<path class="line" d="M\#(line) \#(top + 18)V\#(top + 70)"/>"#,
            text(label, x: start + Self.barWidth, y: top + 12, "faint", anchor: "end"),
        ]
        return elements.joined(separator: "\n")
    }

    private func text(_ text: String, x: Int, y: Int, _ kind: String = "", anchor: String = "start") -> String {
        #"<text class="\#(kind)" x="\#(x)" y="\#(y)" text-anchor="\#(anchor)">\#(Self.escaped(text))</text>"#
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.append(character)
            }
        }
    }
}
