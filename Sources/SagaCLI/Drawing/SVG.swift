/// An SVG picture as text, put together element by element. It is legible on light and dark ground: its colours are classes that follow the
/// reader's preference (`prefers-color-scheme`), and it needs no font of its own.
struct SVG {
    private let width: Int
    private let height: Int
    private let title: String
    private let description: String
    private var lines: [String] = []
    /// On top of the lines.
    private var labels: [String] = []

    /// - Parameters:
    ///   - title: what a tooltip shows and a screen reader says first.
    ///   - description: what the picture tells, for who cannot see it.
    init(width: Int, height: Int, title: String, description: String) {
        self.width = width
        self.height = height
        self.title = title
        self.description = description
    }

    mutating func text(_ text: String, x: Int, y: Int, _ classes: String = "", anchor: String = "start") {
        labels.append("<text class=\"\(classes)\" x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(Self.escaped(text))</text>")
    }

    mutating func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ classes: String) {
        lines.append("<line class=\"\(classes)\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>")
    }

    /// A line with a head at its end.
    mutating func arrow(_ path: String, _ classes: String) {
        lines.append("<path class=\"arrow \(classes)\" d=\"\(path)\" marker-end=\"url(#head)\"/>")
    }

    mutating func box(x: Int, y: Int, width: Int, height: Int, radius: Int = 6, _ classes: String) {
        labels.append("<rect class=\"\(classes)\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" rx=\"\(radius)\"/>")
    }

    mutating func dot(x: Int, y: Int, _ classes: String) {
        lines.append("<circle class=\"\(classes)\" cx=\"\(x)\" cy=\"\(y)\" r=\"3.5\"/>")
    }

    var document: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" role="img" \
        aria-labelledby="title desc">
        <title id="title">\(Self.escaped(title))</title>
        <desc id="desc">\(Self.escaped(description))</desc>
        <style>
        \(Self.style)
        </style>
        <defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse">\
        <path d="M0 1 10 5 0 9z"/></marker></defs>
        <rect class="ground" width="\(width)" height="\(height)"/>
        \((lines + labels).joined(separator: "\n"))
        </svg>

        """
    }

    /// Without CSS variables, which viewers other than browsers do not know.
    private static let style = """
        text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; paint-order: stroke; stroke-width: 5px; }
        .strong { font-weight: 600; } .arrow { fill: none; stroke-width: 1.5; } .quiet { stroke-dasharray: 4 3; }
        .lifeline { stroke-dasharray: 2 4; }
        \(Palette.light.rules)
        @media (prefers-color-scheme: dark) {
        \(Palette.dark.rules)
        }
        """

    private struct Palette {
        let ink, faint, ground, box, edge, good, bad, open, event: String

        static let light = Palette(
            ink: "#1f2328", faint: "#656d76", ground: "#ffffff", box: "#f3f5f7", edge: "#c9d1d9", good: "#1a7f37", bad: "#c3202f",
            open: "#8a6100", event: "#0a5bb5")
        static let dark = Palette(
            ink: "#e6edf3", faint: "#9198a1", ground: "#0d1117", box: "#1b222b", edge: "#3d444d", good: "#3fb950", bad: "#ff7b72",
            open: "#d9a20a", event: "#6cb2ff")

        var rules: String {
            """
            text { fill: \(ink); stroke: \(ground); } .ground { fill: \(ground); } .lifeline { stroke: \(edge); } .lane, .state { fill: \(box); stroke: \(edge); }
            .arrow { stroke: \(event); } marker path, circle, text.event { fill: \(event); } .quiet { stroke: \(faint); }
            text.faint { fill: \(faint); } text.good { fill: \(good); } text.bad { fill: \(bad); } text.open { fill: \(open); }
            .state.good { stroke: \(good); } .state.bad { stroke: \(bad); } .state.open { stroke: \(open); } .lost { stroke: \(bad); }
            """
        }
    }

    /// Text from outside: nothing in it is markup, and characters that XML 1.0 does not know (section 2.2) are replaced.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default:
                let isKnown = scalar.value >= 0x20 && scalar.value != 0x7F && scalar.value != 0xFFFE && scalar.value != 0xFFFF
                escaped.unicodeScalars.append(isKnown ? scalar : "\u{B7}")
            }
        }
        return escaped
    }
}
