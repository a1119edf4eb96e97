import Console
import InventoryView
import OrderView
import PaymentView
import struct Saga.ServiceName
import AdminAPI

/// A saga drawn for people: time runs down, each daemon has a lane. At most 100 columns wide, unless the lanes take more.
///
/// `→` is an event a daemon emitted, `←` one it received, `◆` what it decided. The right margin says how long a step took since
/// its cause, and what became of an event that changed nothing.
struct TraceTimeline {
    private static let atWidth = 10
    private static let laneWidth = 22
    private static let tookWidth = 9
    private static let width = max(100, atWidth + 2 + laneWidth * ServiceName.allCases.count + tookWidth)

    let trace: SagaTrace
    /// When it is drawn, in microseconds since 1970: for how long an unfinished saga has been waiting.
    let now: Int64
    let style: Style

    func render() -> String {
        let steps = zip(trace.steps, [nil] + trace.steps).flatMap { rows($0, after: $1) }
        return ([header, "", laneTitles] + steps + waitingRows + [""] + footer).joined(separator: "\n") + "\n"
    }

    // MARK: Header and footer

    private var header: String {
        let status =
            trace.status
            ?? (trace.unreachable.contains(.order) ? "(the order service cannot be asked)" : "(unknown to the order service)")
        var line = "order \(style.paint(trace.orderId.printable, .bold))  \(style.paint(status.printable, [.bold] + Self.paints(status)))"
        if let decision { line += " after \(Quantity.span(milliseconds: elapsed(decision)))" }
        if let reason = decision?.reason { line += ": \(reason.printable)" }
        guard let first = trace.steps.first, let last = trace.steps.max(by: { $0.timeMicros < $1.timeMicros }) else { return line }
        let rest = trace.waitingFor.isEmpty ? ", last step after \(Quantity.span(milliseconds: elapsed(last)))" : ""
        return line + "\n" + style.paint("began \(first.time)\(rest)", .dim)
    }

    /// The order service's last word on the order.
    private var decision: TraceStep? {
        trace.steps.last { $0.service == .order && $0.kind == .transition && ($0.to == "APPROVED" || $0.to == "CANCELED") }
    }

    private var footer: [String] {
        var lines: [String] = []
        if !trace.waitingFor.isEmpty {
            lines.append(style.paint("waiting for \(trace.waitingFor.map(\.printable).joined(separator: " and "))", .yellow, .bold))
        }
        for hold in trace.holds {
            lines.append(style.paint("\(hold.service.rawValue) holds it up: sagactl dead-letters show \(hold.deadLetter.printable)", .red))
        }
        for service in trace.unreachable {
            let what = "\(service.rawValue) could not be reached: its steps are missing"
            lines.append(style.paint("\(what); systemctl status \(service.unit)", .red))
        }
        lines.append(style.paint("\(symbol.emitted) emitted  \(symbol.received) received  \(symbol.decided) decided", .dim))
        return lines
    }

    // MARK: Lanes

    private var laneTitles: String {
        let lanes = ServiceName.allCases.map { service in
            let title = trace.unreachable.contains(service) ? "\(service.rawValue) (no answer)" : service.rawValue
            return style.paint(title.padded(Self.laneWidth), .bold, Self.colour(service))
        }
        return style.paint("at".aligned(Self.atWidth), .dim) + "  " + lanes.joined() + style.paint("took".aligned(Self.tookWidth), .dim)
    }

    private func rows(_ step: TraceStep, after previous: TraceStep?) -> [String] {
        let isQuiet = step.kind == .received && step.outcome != .applied && step.outcome != nil
        let text: String
        var paints = [Self.colour(step.service)]
        switch step.kind {
        case .emitted: text = "\(symbol.emitted) \(step.eventType ?? "?")"
        case .received:
            // A record that could not be read has no type.
            text = "\(symbol.received) \(step.eventType ?? "unreadable record")"
            if isQuiet { paints = [step.outcome == .deadLettered ? .red : .dim] }
        case .transition:
            text = "\(symbol.decided) " + (step.from.map { "\($0)\(symbol.becomes)" } ?? "") + (step.to ?? "?")
            paints = [.bold] + Self.paints(step.to ?? "", else: Self.colour(step.service))
        }
        let at = "+" + Quantity.span(milliseconds: elapsed(step))
        let took = step.durationMs.map { Quantity.span(milliseconds: $0) } ?? ""
        let remark = isQuiet ? (step.outcome == .deadLettered ? "dead letter" : step.outcome?.rawValue ?? "") : ""
        let first = row(at: at, step.service, text, paints, took: took, remark: remark)
        guard let reason = step.reason, !reason.isEmpty, reason != previous?.reason || previous?.service != step.service else {
            return [first]
        }
        return [first] + reasonRows(step.service, reason)
    }

    private var waitingRows: [String] {
        let elapsed = trace.steps.first.map { Double(max(0, now - $0.timeMicros)) / 1000 } ?? 0
        return trace.waitingFor.compactMap(ServiceName.init).map { service in
            row(at: "+" + Quantity.span(milliseconds: elapsed), service, "\(symbol.waiting) waiting", [.yellow, .bold])
        }
    }

    private func row(
        at: String, _ service: ServiceName, _ text: String, _ paints: [Style.Paint], took: String = "", remark: String = ""
    ) -> String {
        let shown = String(text.printable.prefix(Self.laneWidth - 1))
        var line = left(of: service, at: at) + style.paint(shown, paints) + String(repeating: " ", count: Self.laneWidth - shown.count)
        line += ServiceName.allCases.filter { $0 > service }.map { _ in lifeline }.joined()
        line += style.paint(took.aligned(Self.tookWidth), .dim)
        if !remark.isEmpty { line += " " + style.paint(remark, .dim) }
        return line.trimmingBlanks
    }

    /// A reason stands under its step; one that is longer than the lane runs on to the right margin, and on to further rows.
    private func reasonRows(_ service: ServiceName, _ reason: String) -> [String] {
        let text = reason.printable
        guard text.count + 2 >= Self.laneWidth else { return [row(at: "", service, "\(symbol.continued) \(text)", [.dim])] }
        let column = Self.atWidth + 2 + Self.laneWidth * ServiceName.allCases.count { $0 < service }
        return text.wrapped(at: Self.width - column - 2).map {
            left(of: service, at: "") + style.paint("\(symbol.continued) \($0)", .dim)
        }
    }

    private func left(of service: ServiceName, at: String) -> String {
        style.paint(at.aligned(Self.atWidth), .dim) + "  " + ServiceName.allCases.filter { $0 < service }.map { _ in lifeline }.joined()
    }

    private var lifeline: String { style.paint(symbol.lifeline, .dim) + String(repeating: " ", count: Self.laneWidth - 1) }

    private func elapsed(_ step: TraceStep) -> Double {
        // With skewed clocks a step may claim to be older than the beginning.
        Double(max(0, step.timeMicros - (trace.steps.first?.timeMicros ?? step.timeMicros))) / 1000
    }

    // MARK: Signs and colours

    private struct Symbols {
        let emitted, received, decided, becomes, lifeline, continued, waiting: String
    }

    private var symbol: Symbols {
        style.unicode
            ? Symbols(emitted: "→", received: "←", decided: "◆", becomes: "→", lifeline: "│", continued: "│", waiting: "…")
            : Symbols(emitted: "->", received: "<-", decided: "*", becomes: "->", lifeline: "|", continued: "|", waiting: "...")
    }

    private static func colour(_ service: ServiceName) -> Style.Paint {
        let colours: [Style.Paint] = [.cyan, .magenta, .blue]
        return colours[service.number % colours.count]
    }

    private static func paints(_ status: String, else other: Style.Paint? = nil) -> [Style.Paint] {
        switch status {
        case "APPROVED", "COMMITTED": [.green]
        case "CANCELED", "FAILED", "REJECTED": [.red]
        case "PENDING": [.yellow]
        default: other.map { [$0] } ?? []
        }
    }
}

extension String {
    /// In lines of so many characters, broken at blanks where there are some.
    fileprivate func wrapped(at width: Int) -> [String] {
        var lines: [String] = []
        var rest = self[...]
        while rest.count > width {
            let line = rest.prefix(width + 1)
            let end = line.lastIndex(of: " ").flatMap { $0 > rest.startIndex ? $0 : nil } ?? rest.index(rest.startIndex, offsetBy: width)
            lines.append(String(rest[..<end]))
            rest = rest[end...].drop { $0 == " " }
        }
        return lines + (rest.isEmpty ? [] : [String(rest)])
    }

    fileprivate var trimmingBlanks: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
