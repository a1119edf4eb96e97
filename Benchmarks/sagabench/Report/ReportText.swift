import Saga

/// A report for people.
struct ReportText {
    private let report: Report

    init(_ report: Report) {
        self.report = report
    }

    var text: String {
        var parts = [head]
        if !report.floor.isEmpty { parts.append(floor) }
        parts += report.phases.map(phase)
        parts += report.idle.map(idle)
        if !report.starts.isEmpty { parts.append(starts) }
        if let singles = report.singles { parts.append(SingleFigures.text(singles)) }
        if let peers = report.peers { parts.append(peers.text) }
        return parts.joined(separator: "\n\n")
    }

    private var head: String {
        let machine = report.machine
        let text = """
            sagabench \(report.scenario) \(report.version), \(report.startedAt)
            \(machine.processors) × \(machine.model), Linux \(machine.kernel), load average before \(machine.loadAverage.text(2))
            """
        return ([text] + (report.remarks ?? [])).joined(separator: "\n")
    }

    private var floor: String {
        TextGrid(
            ["floor", "orders/s", "commits/order"],
            report.floor.map { ["\($0.batch) orders to a commit", $0.ordersPerSecond.text(0), $0.commitsPerOrder.text(3)] }
        ).text
    }

    private func phase(_ phase: Phase) -> String {
        let shares = phase.shareOfFloor.sorted { $0.key.count < $1.key.count || $0.key.count == $1.key.count && $0.key < $1.key }.map {
            "\(($0.value * 100).text(0)) % of the floor at \($0.key)"
        }
        let refused = phase.refused.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        var lines = ["\(phase.name): \(phase.load), \(phase.sendingSeconds.text(0)) s"]
        lines.append("  accepted \(phase.accepted), \(phase.acceptedPerSecond.text(0))/s")
        lines.append(
            "  final    \(phase.finished) (\(phase.approved) approved, \(phase.canceled) canceled), \(phase.finishedPerSecond.text(0))/s"
                + (shares.isEmpty ? "" : " = " + shares.joined(separator: ", ")))
        lines.append(
            "  refused  \(refused.isEmpty ? "none" : refused.joined(separator: ", ")); lost connections \(phase.lost), unsent \(phase.unsent)"
        )
        lines.append(
            "  backlog  \(phase.largestBacklog) at most, gone \((phase.seconds - phase.sendingSeconds).text(2)) s after the last order")
        lines.append(
            "  CPU      \(phase.cpuSecondsPer1000Orders.text(3)) s per 1,000 orders, and the generator "
                + phase.generatorCPUSecondsPer1000Orders.text(3))
        lines.append(latencies(phase))
        lines.append(costs(phase))
        lines.append(phase.problems.isEmpty ? "  nothing lost: every accepted order is final, stock agrees" : "  PROBLEMS: see below")
        return lines.joined(separator: "\n")
    }

    private func latencies(_ phase: Phase) -> String {
        var rows = [("POST", phase.post), ("POST → final", phase.postToFinal), ("refusal", phase.refusal)]
        // The same thing in a closed loop, where nothing waits for a connection.
        if phase.answer.p99 != phase.post.p99 { rows.insert(("POST once sent", phase.answer), at: 1) }
        return TextGrid(
            ["  latency, ms", "p50", "p95", "p99", "max", "of"],
            rows.filter { $0.1.count > 0 }.map { name, latency in
                ["  \(name)", latency.p50.text(2), latency.p95.text(2), latency.p99.text(2), latency.max.text(2), "\(latency.count)"]
            }
        ).text
    }

    private func costs(_ phase: Phase) -> String {
        TextGrid(
            ["  process", "CPU s/1,000", "CPU %", "RSS MiB", "peak", "growth", "disk B/order", "syncs/order"],
            phase.processes.map { process in
                [
                    "  \(process.name)", process.cpuSecondsPer1000Orders.text(3), process.cpuPercent.text(0), process.residentMiB.text(1),
                    process.peakResidentMiB.text(1), process.residentGrowthMiB?.text(1) ?? "-", process.diskBytesPerOrder.text(0),
                    process.syncsPerOrder?.text(3) ?? "-",
                ]
            }
        ).text
    }

    private func idle(_ phase: IdlePhase) -> String {
        TextGrid(
            ["\(phase.name), idle \(phase.seconds.text(0)) s", "CPU %", "wake-ups/s", "RSS MiB"],
            phase.processes.map {
                ["  \($0.name)", $0.cpuPercent.text(2), $0.wakeUpsPerSecond.text(2), $0.residentMiB.text(1)]
            }
        ).text
    }

    private var starts: String {
        let names = ServiceName.allCases.map(\.rawValue)
        return TextGrid(
            ["ms until"] + names.map { "\($0) ready" } + names.map { "\($0) stopped" },
            report.starts.map { start in
                [start.name] + names.map { start.ready[$0]?.text(1) ?? "-" } + names.map { start.stop[$0]?.text(1) ?? "-" }
            }
        ).text
    }
}

/// Columns of text: the first to the left, figures to the right.
struct TextGrid {
    private let rows: [[String]]

    init(_ header: [String], _ rows: [[String]]) {
        self.rows = [header] + rows
    }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
