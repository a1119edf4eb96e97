import AdminAPI
import ArgumentParser
import Saga
import Synchronization

struct RepublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "republish", abstract: "What live orders notice of a republish.",
        discussion: """
            Places orders, and then measures each rate twice: with nothing else to do, and while all events of those orders are \
            published again, without a pause.
            """)

    @OptionGroup var suite: SuiteOptions
    @OptionGroup var thing: OrderedThing
    @OptionGroup var output: ReportOptions

    @Option(help: "How many orders there are whose events are published again.")
    var orders = 20_000

    @Option(help: "Orders a second meanwhile; may be given several times.")
    var rate: [Double] = [10, 500]

    @Option(help: "How long each is measured, in seconds.")
    var seconds = 15

    func run() async throws {
        try await output.report("republish") { [self] report in
            try await suite.forEach(&report) { suite, report in
                let first = Measurement(suite: suite, thing: thing, sampling: 5)
                while try await suite.admin(.order).status().orders?.values.reduce(0, +) ?? 0 < orders {
                    _ = try await first.run("\(suite.transport) orders", .closed(clients: 128), for: .seconds(1))
                }
                for rate in rate {
                    // Every order of a low rate counts.
                    let measurement = Measurement(suite: suite, thing: thing, sampling: rate < 100 ? 1 : 5)
                    let pattern = LoadPattern.open(rate: rate, connections: 64)
                    let name = "\(suite.transport) \(rate.text(0))/s"
                    report.phases.append(try await measurement.run("\(name) alone", pattern, for: .seconds(seconds)))
                    report.phases.append(
                        try await Self.republishing(on: suite) {
                            try await measurement.run("\(name) republishing", pattern, for: .seconds(seconds))
                        })
                }
            }
        }
    }

    /// Has each daemon publish all it has, over and over, until the measurement is done; then waits until they have finished.
    private static func republishing(on suite: BenchedSuite, _ measure: () async throws -> Phase) async throws -> Phase {
        let begin = ContinuousClock.now
        let end = End()
        return try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                var queued = 0
                while true {
                    var left = 0
                    for service in ServiceName.allCases {
                        let client = suite.admin(service)
                        let now = try await client.status().outbox?.republishing ?? 0
                        if now == 0, !end.isReached.withLock(\.self) {
                            queued += try await client.republish(.since("1970-01-01T00:00:00Z")).queued
                        }
                        left += now
                    }
                    if left == 0, end.isReached.withLock(\.self) { return queued }
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            let phase = try await measure()
            end.isReached.withLock { $0 = true }
            let queued = try await group.next() ?? 0
            let seconds = (ContinuousClock.now - begin) / .seconds(1)
            Progress.say("\(queued) events published again in \(seconds.text(1)) s")
            return phase
        }
    }
}

/// Of the measurement; what is being published again then is the last.
private final class End: Sendable {
    let isReached = Mutex(false)
}
