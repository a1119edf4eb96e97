import Saga

/// The suite as a picture (SVG): clients above, the daemons with their databases, and what carries the events between them below.
struct SuitePicture {
    private static let margin = 24
    private static let boxWidth = 210
    private static let gap = 40

    private let rows = Choreography.rows

    func render() -> String {
        let width = Self.margin * 2 + Self.boxWidth * rows.count + Self.gap * (rows.count - 1)
        var svg = SVG(width: width, height: 366, title: "The suite", description: description)

        svg.box(x: Self.margin, y: 16, width: Self.boxWidth, height: 40, "lane")
        svg.text("clients", x: Self.margin + Self.boxWidth / 2, y: 41, "strong", anchor: "middle")
        let operatorX = width - Self.margin - Self.boxWidth
        svg.box(x: operatorX, y: 16, width: Self.boxWidth, height: 40, "lane")
        svg.text("sagactl", x: operatorX + Self.boxWidth / 2, y: 41, "strong", anchor: "middle")

        for (index, row) in rows.enumerated() {
            let x = Self.margin + index * (Self.boxWidth + Self.gap)
            svg.arrow("M\(Self.margin + Self.boxWidth / 2) 56C\(Self.margin + Self.boxWidth / 2) 90 \(x + 60) 80 \(x + 60) 118", "")
            svg.arrow(
                "M\(operatorX + Self.boxWidth / 2) 56C\(operatorX + Self.boxWidth / 2) 90 \(x + 150) 80 \(x + 150) 118", "quiet")
            svg.box(x: x, y: 120, width: Self.boxWidth, height: 128, "lane")
            svg.text(row.service.program, x: x + Self.boxWidth / 2, y: 146, "strong", anchor: "middle")
            svg.text("REST 127.0.0.1:\(row.port)", x: x + Self.boxWidth / 2, y: 170, "faint", anchor: "middle")
            svg.text("admin.sock", x: x + Self.boxWidth / 2, y: 190, "faint", anchor: "middle")
            svg.box(x: x + 10, y: 202, width: Self.boxWidth - 20, height: 32, "state")
            svg.text("state · inbox · outbox", x: x + Self.boxWidth / 2, y: 222, "", anchor: "middle")
            svg.arrow("M\(x + 80) 250V292", "")
            svg.arrow("M\(x + 130) 294V252", "")
        }
        svg.box(x: Self.margin, y: 296, width: width - 2 * Self.margin, height: 52, "lane")
        svg.text("events, keyed by order", x: width / 2, y: 317, "event strong", anchor: "middle")
        svg.text("direct: a Unix socket of each daemon · kafka: a topic of each daemon", x: width / 2, y: 337, "faint", anchor: "middle")
        return svg.document
    }

    private var description: String {
        let daemons = rows.map { "\($0.service.program) with REST on port \($0.port) and a database of its own" }.joined(separator: "; ")
        return "Clients use REST, sagactl the admin sockets. \(daemons). Events go between them over Unix sockets or Kafka topics."
    }
}
