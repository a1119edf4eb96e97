import ArgumentParser
import FoundationEssentials

struct PeersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers", abstract: "How the suite compares with one in Python, and with the floor.",
        discussion: """
            Runs three things in turn on this machine, over and over: the same saga in Python (Benchmarks/peer-python: FastAPI, \
            confluent-kafka, SQLite), this suite, and the floor with 64 orders to a commit. The same generator sends the same orders in a \
            closed loop, everything is synchronised, and the same check follows that nothing was lost. Every second round goes the other \
            way round. A ratio is of one round; what is stated is the median of the rounds.

            Needs python3 with venv, and at first a package index for pip; the packages are kept in ~/.cache/sagabench.
            """)

    @OptionGroup var suite: OwnSuiteOptions
    @OptionGroup var thing: OrderedThing
    @OptionGroup var output: ReportOptions

    @Option(help: "The transports to compare on: direct, kafka (on the mock broker).")
    var transport: [TransportChoice] = TransportChoice.allCases

    @Option(help: "How often.")
    var rounds = 3

    @Option(help: "How long each load takes, in seconds.")
    var seconds = 8

    @Option(help: "How many clients.")
    var clients = 64

    @Option(help: "How long each suite is warmed up before, in seconds.")
    var warmUp = 3

    @Option(help: "Where the suite in Python is.", completion: .directory)
    var peer = "Benchmarks/peer-python"

    @Option(help: "The Python that makes its environment.")
    var python = "python3"

    @Option(help: "Write a chart of it to this file.", completion: .file(extensions: ["svg"]))
    var svg: String?

    func validate() throws {
        guard rounds > 0, seconds > 0 else { throw ValidationError("--rounds and --seconds are 1 at least") }
    }

    func run() async throws {
        try await output.report("peers") { [self] report in
            let python = try await PythonPeer.prepare(source: peer, python: python)
            if transport.contains(.kafka) { report.remarks = [MockBroker.promptness.remark] }
            var comparison = PeerComparison()
            for transport in transport {
                for round in 1...rounds {
                    let turns: [Turn] = [.peer, .own, .floor]
                    var own = SuiteFigures(), peer = SuiteFigures(), floor = 0.0
                    for turn in round.isMultiple(of: 2) ? turns.reversed() : turns {
                        switch turn {
                        case .peer: peer = try await measure(transport, round, python, &report)
                        case .own: own = try await measure(transport, round, nil, &report)
                        case .floor: floor = try await measureFloor()
                        }
                    }
                    comparison.rounds.append(PeerRound(transport: transport, own: own, peer: peer, floor: floor))
                }
            }
            report.peers = comparison
            if let svg { try Data(PeerChart(comparison, report).document.utf8).write(to: URL(filePath: svg)) }
        }
    }

    private enum Turn { case peer, own, floor }

    private func measure(
        _ transport: TransportChoice, _ round: Int, _ python: PythonPeer?, _ report: inout Report
    ) async throws -> SuiteFigures {
        let properties = transport == .kafka ? MockBroker.promptness.properties : [:]
        let name = "\(transport) \(python == nil ? "sagad" : "python") \(round)"
        let (phase, problems) = try await OwnSuite.with(suite, transport: transport, kafkaProperties: properties, peer: python) { suite in
            try await suite.start()
            let measurement = Measurement(suite: suite.benched, thing: thing, sampling: 50)
            if warmUp > 0 { _ = try await measurement.run("\(name) warm-up", .closed(clients: 8), for: .seconds(warmUp)) }
            let phase = try await measurement.run(name, .closed(clients: clients), for: .seconds(seconds))
            return (phase, try await suite.stopAndReconcile())
        }
        report.phases.append(phase)
        report.reconciliation += problems.map { "\(name): \($0)" }
        return SuiteFigures(ordersPerSecond: phase.finishedPerSecond, cpuMicroseconds: phase.cpuSecondsPer1000Orders * 1000)
    }

    private func measureFloor() async throws -> Double {
        let seconds = output.floorSeconds
        return try await BlockingWork.run {
            try Floor.measure(batches: [PeerComparison.floorBatch], for: .seconds(seconds))[0].ordersPerSecond
        }
    }
}
