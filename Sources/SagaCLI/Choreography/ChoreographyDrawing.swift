import Saga

/// The choreography drawn: participants are boxes, an arrow is an event on its way from who says it to who hears it.
enum ChoreographyDrawing {
    private struct Arrow {
        let from: ServiceName
        let to: ServiceName
        let events: [EventType]
    }

    private static var arrows: [Arrow] {
        Choreography.rows.flatMap { speaker in
            Choreography.rows.compactMap { hearer in
                let events = speaker.says.map(\.type).filter { Choreography.reacts(hearer.service, to: $0) }
                return events.isEmpty ? nil : Arrow(from: speaker.service, to: hearer.service, events: events)
            }
        }
    }

    /// For Markdown, see mermaid.js.org.
    static var mermaid: String {
        let lines = arrows.map { arrow in
            "    \(arrow.from) -->|\(arrow.events.map(\.rawValue).joined(separator: "<br>"))| \(arrow.to)"
        }
        return (["flowchart LR"] + lines).joined(separator: "\n") + "\n"
    }

    /// For Graphviz, see dot(1).
    static var dot: String {
        let lines = arrows.map { arrow in
            "    \(arrow.from) -> \(arrow.to) [label=\"\(arrow.events.map(\.rawValue).joined(separator: "\\n"))\"];"
        }
        return (["digraph choreography {", "    rankdir=LR;", "    node [shape=box];"] + lines + ["}"]).joined(separator: "\n") + "\n"
    }
}
