import Saga

/// The choreography as a picture (SVG): a lane for each participant, and a row for each event, from who says it to those who hear it and what
/// each may say in turn.
struct ChoreographyPicture {
    private static let left = 24
    private static let laneWidth = 290
    private static let top = 84
    private static let rowHeight = 54

    private let rows = Choreography.rows

    func render() -> String {
        let events = rows.flatMap { row in row.says.map { (row.service, $0.type) } }
        let bottom = Self.top + Self.rowHeight * events.count
        var svg = SVG(
            width: Self.left * 2 + Self.laneWidth * rows.count, height: bottom + 16, title: "The choreography",
            description: description)
        for row in rows {
            let x = lane(row.service)
            svg.line(x, Self.top - 30, x, bottom, "lifeline")
            svg.box(x: x - 60, y: 24, width: 120, height: 30, "lane")
            svg.text(row.service.rawValue, x: x, y: 44, "strong", anchor: "middle")
        }
        for (index, (sayer, type)) in events.enumerated() {
            draw(type, of: sayer, y: Self.top + Self.rowHeight * index + 16, on: &svg)
        }
        return svg.document
    }

    private func draw(_ type: EventType, of sayer: ServiceName, y: Int, on svg: inout SVG) {
        svg.dot(x: lane(sayer), y: y, "")
        svg.text(type.rawValue, x: lane(sayer) + 12, y: y - 8, "event strong")
        for row in rows {
            guard let rule = row.hears.first(where: { $0.trigger == type }) else { continue }
            let x = lane(row.service)
            svg.arrow("M\(lane(sayer)) \(y)H\(x + (lane(sayer) < x ? -3 : 3))", "")
            let answers = row.says.map(\.type).filter(rule.mayEmit.contains).map(\.rawValue)
            for (index, answer) in answers.enumerated() {
                svg.text("→ \(answer)", x: x + 12, y: y + 18 + 15 * index, "faint")
            }
        }
    }

    private func lane(_ service: ServiceName) -> Int {
        Self.left + 64 + Self.laneWidth * (rows.firstIndex { $0.service == service } ?? 0)
    }

    /// The same in words.
    private var description: String {
        rows.flatMap { row in
            row.hears.map { rule in
                let answers = row.says.map(\.type).filter(rule.mayEmit.contains).map(\.rawValue).joined(separator: " or ")
                return "\(row.service) hears \(rule.trigger)" + (answers.isEmpty ? "" : " and may say \(answers)")
            }
        }.joined(separator: "; ")
    }
}
