import Console
import struct Saga.ServiceName
import AdminAPI

/// A saga as a picture for a ticket: a lane for each daemon, time runs down, an arrow for each event from who emitted it to who received it.
struct TraceDrawing {
    private static let left = 110
    private static let laneWidth = 250
    private static let right = 90
    private static let top = 112
    private static let rowHeight = 28

    let trace: SagaTrace
    private let lanes = ServiceName.allCases

    init(trace: SagaTrace) {
        self.trace = trace
    }

    func render() -> String {
        let bottom = Self.top + Self.rowHeight * (trace.steps.count + trace.waitingFor.count)
        let notes = trace.unreachable.map { "\($0) could not be reached: its steps are missing" }
        var svg = SVG(
            width: Self.left + Self.laneWidth * lanes.count + Self.right, height: bottom + 30 + 20 * notes.count,
            title: "Order \(trace.orderId): \(trace.status ?? "unknown")", description: description)
        svg.text("order \(trace.orderId)", x: 16, y: 28, "strong")
        svg.text(outcome, x: 16, y: 50, "strong \(Self.tone(of: trace.status))")
        if let first = trace.steps.first { svg.text("began \(first.time)", x: 16 + 10 * outcome.count, y: 50, "faint") }
        drawLanes(to: bottom, on: &svg)
        drawSteps(on: &svg)
        for (index, service) in trace.waitingFor.enumerated() {
            let y = row(trace.steps.count + index)
            svg.text("waiting", x: lane(named: service) + 12, y: y + 4, "open strong")
        }
        for (index, note) in notes.enumerated() { svg.text(note, x: 16, y: bottom + 24 + 20 * index, "bad") }
        return svg.document
    }

    // MARK: Parts

    private func drawLanes(to bottom: Int, on svg: inout SVG) {
        for service in lanes {
            svg.line(lane(service), Self.top - 16, lane(service), bottom, "lifeline")
            svg.box(x: lane(service) - 60, y: Self.top - 44, width: 120, height: 28, "lane")
            svg.text(service.rawValue, x: lane(service), y: Self.top - 25, "strong", anchor: "middle")
        }
    }

    private func drawSteps(on svg: inout SVG) {
        var emitted: [String: (x: Int, y: Int)] = [:]
        for (index, step) in trace.steps.enumerated() {
            let (x, y) = (lane(step.service), row(index))
            svg.text("+" + Quantity.span(milliseconds: elapsed(step)), x: Self.left - 40, y: y + 4, "faint", anchor: "end")
            if let took = step.durationMs {
                svg.text(
                    Quantity.span(milliseconds: took), x: Self.left + Self.laneWidth * lanes.count + Self.right - 16, y: y + 4, "faint",
                    anchor: "end")
            }
            switch step.kind {
            case .emitted:
                svg.dot(x: x, y: y, "")
                svg.text(step.eventType ?? "?", x: x + 12, y: y + 4, "event")
                if let id = step.eventId { emitted[id] = (x, y) }
            case .received:
                let origin = step.eventId.flatMap { emitted[$0] }
                drawReception(step, from: origin, to: (x, y), on: &svg)
            case .transition: drawState(step, x: x, y: y, on: &svg)
            }
        }
    }

    private func drawReception(_ step: TraceStep, from origin: (x: Int, y: Int)?, to place: (x: Int, y: Int), on svg: inout SVG) {
        let isQuiet = step.outcome.map { $0 != .applied } ?? false
        let line = step.outcome == .deadLettered ? "lost" : isQuiet ? "quiet" : ""
        // Who did not see it emitted sees it come from the edge of the lane.
        let start = origin ?? (place.x - Self.laneWidth / 3, place.y)
        let end = place.x + (start.x < place.x ? -4 : 4)
        svg.arrow("M\(start.x) \(start.y)C\((start.x + end) / 2) \(start.y) \((start.x + end) / 2) \(place.y) \(end) \(place.y)", line)
        var text = step.eventType ?? "unreadable record"
        if isQuiet { text += " (\(step.outcome == .deadLettered ? "dead letter" : step.outcome?.rawValue ?? ""))" }
        svg.text(text, x: place.x + 12, y: place.y + 4, step.outcome == .deadLettered ? "bad" : "faint")
    }

    private func drawState(_ step: TraceStep, x: Int, y: Int, on svg: inout SVG) {
        let text = (step.from.map { "\($0) → " } ?? "") + (step.to ?? "?")
        let tone = Self.tone(of: step.to)
        svg.box(x: x - 6, y: y - 11, width: 24 + 8 * text.count, height: 22, radius: 11, "state \(tone)")
        svg.text(text, x: x + 6, y: y + 4, "strong \(tone)")
    }

    // MARK: Places and words

    private func lane(_ service: ServiceName) -> Int {
        Self.left + Self.laneWidth * (lanes.firstIndex(of: service) ?? 0) + 40
    }

    private func lane(named name: String) -> Int {
        lanes.first { $0.rawValue == name }.map(lane) ?? Self.left
    }

    private func row(_ index: Int) -> Int { Self.top + Self.rowHeight * index + Self.rowHeight / 2 }

    private func elapsed(_ step: TraceStep) -> Double {
        Double(max(0, step.timeMicros - (trace.steps.first?.timeMicros ?? step.timeMicros))) / 1000
    }

    private var outcome: String {
        guard let status = trace.status else { return "unknown to the order service" }
        let decision = trace.steps.last { $0.service == .order && $0.kind == .transition && $0.to == status && status != "PENDING" }
        return status + (decision.map { " after \(Quantity.span(milliseconds: elapsed($0)))" } ?? "")
    }

    /// The same story in words.
    private var description: String {
        trace.steps.map { step in
            let what =
                switch step.kind {
                case .emitted: "emits \(step.eventType ?? "?")"
                case .received: "receives \(step.eventType ?? "a record that cannot be read")"
                case .transition: "becomes \(step.to ?? "?")"
                }
            return "\(step.service) \(what) after \(Quantity.span(milliseconds: elapsed(step)))"
        }.joined(separator: "; ")
    }

    private static func tone(of status: String?) -> String {
        switch status {
        case "APPROVED", "COMMITTED": "good"
        case "CANCELED", "FAILED", "REJECTED": "bad"
        case "PENDING": "open"
        default: ""
        }
    }
}
