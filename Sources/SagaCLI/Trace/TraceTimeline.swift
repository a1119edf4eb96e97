import AdminAPI

/// A saga drawn for people: time runs down, each daemon has a lane, at most 100 columns wide.
///
/// `→` is an event a daemon emitted, `←` one it received, `◆` what it decided. The right margin says how long a step took since
/// its cause, and what became of an event that changed nothing.
struct TraceTimeline {
    private static let atWidth = 10
    private static let laneWidth = 22
    private static let tookWidth = 9

    let trace: SagaTrace
    /// When it is drawn, in microseconds since 1970: for how long an unfinished saga has been waiting.
    let now: Int64
    let style: Style

    func render() -> String {
        ([header, ""] + [laneTitles] + trace.steps.flatMap(rows) + waitingRows + [""] + footer).joined(separator: "\n") + "\n"
    }

    // MARK: Header and footer

    private var header: String {
        let status = trace.status ?? "(the order service cannot be asked)"
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
            let title = trace.unreachable.contains(service) ? "\(service.rawValue) (unreachable)" : service.rawValue
            return style.paint(title.padded(Self.laneWidth), .bold, Self.colour(service))
        }
        return style.paint("at".aligned(Self.atWidth), .dim) + "  " + lanes.joined() + style.paint("took".aligned(Self.tookWidth), .dim)
    }

    private func rows(_ step: TraceStep) -> [String] {
        let isQuiet = step.kind == .received && step.outcome != .applied && step.outcome != nil
        let text: String
        var paints = [Self.colour(step.service)]
        switch step.kind {
        case .emitted: text = "\(symbol.emitted) \(step.eventType ?? "?")"
        case .received:
            text = "\(symbol.received) \(step.eventType ?? "?")"
            if isQuiet { paints = [step.outcome == .deadLettered ? .red : .dim] }
        case .transition:
            text = "\(symbol.decided) " + (step.from.map { "\($0)\(symbol.becomes)" } ?? "") + (step.to ?? "?")
            paints = [.bold] + Self.paints(step.to ?? "", else: Self.colour(step.service))
        }
        let at = "+" + Quantity.span(milliseconds: elapsed(step))
        let took = step.durationMs.map { Quantity.span(milliseconds: $0) } ?? ""
        let first = row(at: at, step.service, text, paints, took: took, remark: isQuiet ? step.outcome?.rawValue ?? "" : "", quiet: isQuiet)
        guard let reason = step.reason, !reason.isEmpty else { return [first] }
        return [first, row(at: "", step.service, "\(symbol.continued) \(reason)", [.dim])]
    }

    private var waitingRows: [String] {
        let elapsed = trace.steps.first.map { Double(max(0, now - $0.timeMicros)) / 1000 } ?? 0
        return trace.waitingFor.compactMap(ServiceName.init).map { service in
            row(at: "+" + Quantity.span(milliseconds: elapsed), service, "\(symbol.waiting) waiting", [.yellow, .bold])
        }
    }

    private func row(
        at: String, _ service: ServiceName, _ text: String, _ paints: [Style.Paint], took: String = "", remark: String = "", quiet: Bool = false
    ) -> String {
        var line = style.paint(at.aligned(Self.atWidth), .dim) + "  "
        for lane in ServiceName.allCases {
            if lane == service {
                let shown = String(text.printable.prefix(Self.laneWidth - 1))
                line += style.paint(shown, paints) + String(repeating: " ", count: Self.laneWidth - shown.count)
            } else {
                line += style.paint(symbol.lifeline, .dim) + String(repeating: " ", count: Self.laneWidth - 1)
            }
        }
        line += style.paint(took.aligned(Self.tookWidth), .dim)
        if !remark.isEmpty { line += " " + style.paint(remark, quiet ? .dim : .bold) }
        return line.trimmingBlanks
    }

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
        switch service {
        case .order: .cyan
        case .inventory: .magenta
        case .payment: .blue
        }
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
    fileprivate var trimmingBlanks: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
