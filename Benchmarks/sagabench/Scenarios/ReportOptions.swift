import AdminAPI
import ArgumentParser
import FoundationEssentials
import Wire

/// What is done with a report, and the floor beside it.
struct ReportOptions: ParsableArguments, Sendable {
    @Flag(help: "Print one JSON document instead of tables.")
    var json = false

    @Option(help: "Write the JSON document to this file as well.", completion: .file())
    var save: String?

    @Option(help: "Print ratios against the JSON document of an earlier run.", completion: .file())
    var compare: String?

    @Flag(help: "Measure the floor first: the same rows, batches and durability in a plain loop; and state throughput as a share of it.")
    var floor = false

    @Option(help: "How long the floor is measured, in seconds for each size of batch.")
    var floorSeconds = 5

    /// Runs a scenario that fills a report, and prints it. Ends with exit code 1 if the report has problems.
    func report(_ scenario: String, _ fill: @escaping @Sendable (inout Report) async throws -> Void) async throws {
        let earlier = try compare.map { try Report(file: $0) }
        let report = try await Interruption.watch { [self] in
            var report = Report(scenario: scenario)
            if floor { report.floor = try await FloorCommand.measure(for: .seconds(floorSeconds)) }
            try await fill(&report)
            report.stateSharesOfFloor()
            return report
        }
        if let save { try AdminJSON.encode(report).write(to: URL(filePath: save)) }
        if json {
            print(String(decoding: try AdminJSON.encode(report), as: UTF8.self))
        } else {
            print(ReportText(report).text)
        }
        if let earlier {
            let text = Comparison(earlier, report).text
            if json { Progress.say(text) } else { print(text) }
        }
        for problem in report.problems { Progress.say("PROBLEM \(problem)") }
        if !report.problems.isEmpty { throw ExitCode(1) }
    }
}

extension Report {
    fileprivate mutating func stateSharesOfFloor() {
        for index in phases.indices {
            for floor in floor {
                phases[index].shareOfFloor["\(floor.batch)"] = (phases[index].finishedPerSecond / floor.ordersPerSecond).rounded(to: 3)
            }
        }
    }

    init(file: String) throws {
        do {
            self = try AdminJSON.decode(Report.self, from: Data(contentsOf: URL(filePath: file)))
        } catch {
            throw BenchError("\(file) is not a report of sagabench --json: \(error)")
        }
    }
}
