/// Two reports side by side: what was, what is, and the ratio. Phases are the same when they have the same name.
struct Comparison {
    private let earlier: Report
    private let later: Report

    init(_ earlier: Report, _ later: Report) {
        self.earlier = earlier
        self.later = later
    }

    var text: String {
        let figures = figures
        if figures.isEmpty { return "against \(earlier.startedAt): that run has no phase with the name of one in this" }
        let rows = figures.map { name, then, now in
            [name, then.text(3), now.text(3), then == 0 ? "-" : (now / then).text(2)]
        }
        let note =
            earlier.scenario == later.scenario ? "" : "\nThe earlier run was \(earlier.scenario), this one is \(later.scenario)."
        return TextGrid(["against \(earlier.startedAt)", "then", "now", "ratio"], rows).text + note
            + "\nload average then \(earlier.machine.loadAverage.text(2)), now \(later.machine.loadAverage.text(2))"
    }

    private var figures: [(name: String, then: Double, now: Double)] {
        var figures: [(String, Double, Double)] = []
        for now in later.floor {
            guard let then = earlier.floor.first(where: { $0.batch == now.batch }) else { continue }
            figures.append(("floor at \(now.batch), orders/s", then.ordersPerSecond, now.ordersPerSecond))
        }
        for now in later.phases {
            guard let then = earlier.phases.first(where: { $0.name == now.name }) else { continue }
            func add(_ what: String, _ figure: (Phase) -> Double) {
                figures.append(("\(now.name): \(what)", figure(then), figure(now)))
            }
            add("final/s") { $0.finishedPerSecond }
            add("POST p50, ms") { $0.post.p50 }
            add("POST p99, ms") { $0.post.p99 }
            add("POST → final p50, ms") { $0.postToFinal.p50 }
            add("POST → final p99, ms") { $0.postToFinal.p99 }
            add("CPU s/1,000 orders") { $0.cpuSecondsPer1000Orders }
            add("disk B/order") { $0.processes.map(\.diskBytesPerOrder).reduce(0, +) }
            add("syncs/order") { $0.processes.compactMap(\.syncsPerOrder).reduce(0, +) }
            add("RSS, MiB") { $0.processes.map(\.residentMiB).reduce(0, +) }
        }
        return figures
    }
}
