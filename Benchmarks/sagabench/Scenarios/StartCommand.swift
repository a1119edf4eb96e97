import AdminAPI
import ArgumentParser
import NIOCore
import NIOPosix
import Saga

struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "How long the daemons take to become ready, and to stop under load.",
        discussion: """
            Starts the suite with new databases (READY=1 on NOTIFY_SOCKET), stops it while orders come in, starts it again with what is \
            there, and checks that every accepted order ends.
            """)

    @OptionGroup var suite: OwnSuiteOptions
    @OptionGroup var thing: OrderedThing
    @OptionGroup var output: ReportOptions

    @Option(help: "The transports to run on: direct, kafka.")
    var transport: [TransportChoice] = [.direct]

    @Option(help: "How many finished orders the databases hold at the second start; transport direct only.")
    var history = 0

    @Option(help: "How often.")
    var rounds = 3

    func validate() throws {
        if history > 0, transport != [.direct] { throw ValidationError("--history is for the transport direct") }
    }

    func run() async throws {
        try await output.report("start") { [self] report in
            for transport in transport {
                for round in 1...rounds {
                    report.starts += try await OwnSuite.with(suite, transport: transport) { suite in
                        try await measure(suite, name: "\(transport) \(round)")
                    }
                }
            }
        }
    }

    private func measure(_ suite: OwnSuite, name: String) async throws -> [StartPhase] {
        var fresh = StartPhase(name: "\(name) new", ready: try await suite.start())
        if history > 0 {
            try await suite.stop()
            try await History(orders: history, directory: suite.directory).write()
            try await suite.start()
        }
        let generator = LoadGenerator(
            loop: MultiThreadedEventLoopGroup.singleton.any(), target: suite.benched.target, thing: thing, pattern: .closed(clients: 32),
            sampling: .max)
        try await generator.connect()
        try await generator.begin()
        try await Task.sleep(for: .seconds(3))
        fresh.stop = StartPhase.milliseconds(try await suite.stop())
        let (counts, _) = try await generator.end(within: .seconds(10))

        var again = StartPhase(name: "\(name) again", ready: try await suite.start())
        again.problems = try await unfinished(accepted: counts.accepted + history, at: suite.benched)
        again.stop = StartPhase.milliseconds(try await suite.stop())
        return [fresh, again]
    }

    private func unfinished(accepted: Int, at suite: BenchedSuite) async throws -> [String] {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            let orders = try await suite.admin(.order).status().orders ?? [:]
            let finished = (orders["APPROVED"] ?? 0) + (orders["CANCELED"] ?? 0)
            if orders["PENDING"] ?? 0 == 0, finished >= accepted { return [] }
            if ContinuousClock.now > end { return ["\(accepted) orders were accepted, \(finished) are final"] }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// Times until READY=1 and until the end after SIGTERM, in milliseconds by service.
struct StartPhase: Codable, Sendable {
    var name: String
    var ready: [String: Double]
    var stop: [String: Double] = [:]
    var problems: [String] = []

    init(name: String, ready: [ServiceName: Duration]) {
        self.name = name
        self.ready = StartPhase.milliseconds(ready)
    }

    static func milliseconds(_ durations: [ServiceName: Duration]) -> [String: Double] {
        Dictionary(uniqueKeysWithValues: durations.map { ($0.rawValue, $1.milliseconds.rounded(to: 1)) })
    }
}
