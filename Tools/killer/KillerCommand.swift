import ArgumentParser
import Foundation
import Saga
import SagaTestSupport
import UnixSignals

@main
struct KillerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saga-killer",
        abstract: "Kills real daemons under load, again and again, and sees whether anything was lost or done twice.",
        discussion: """
            What is struck, how, and after how long follows from the seed; what the daemons are doing at that moment does not.
            Exit status 1 when an invariant did not hold; the databases and logs are then kept.
            """)

    @Option(help: "How many strikes.")
    var cycles = 100

    @Option(help: "direct, kafka (against a mock broker, which is struck too), or both, one after the other.")
    var transport = Transports.both

    @Option(help: "What is struck when (default: another one each time).")
    var seed: UInt64?

    @Option(help: "Where the daemons and sagactl are (default: beside this program).")
    var bin: String?

    @Option(help: "Orders a second.")
    var rate = 40.0

    @Flag(help: "Report as one JSON document.")
    var json = false

    enum Transports: String, CaseIterable, ExpressibleByArgument {
        case direct, kafka, both

        var kinds: [TransportKind] {
            switch self {
            case .direct: [.direct]
            case .kafka: [.kafka]
            case .both: [.direct, .kafka]
            }
        }
    }

    func validate() throws {
        guard cycles > 0 else { throw ValidationError("--cycles must be 1 or more") }
        guard (0.1...10_000).contains(rate) else { throw ValidationError("--rate must be from 0.1 to 10000") }
    }

    func run() async throws {
        try ProgramProcess.$directory.withValue(bin) {
            for program in ServiceName.allCases.map(\.program) + ["sagactl"] where !ProgramProcess.isThere(program) {
                throw ValidationError("\(program) is not there: swift build, or --bin")
            }
        }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let work = Task { try await ProgramProcess.$directory.withValue(bin) { try await strike() } }
        let interruption = Task {
            for await _ in signals { work.cancel() }
        }
        defer { interruption.cancel() }
        do {
            guard try await work.value else { throw ExitCode.failure }
        } catch is CancellationError {
            FileHandle.standardError.write(Data("interrupted; the daemons were ended, nothing was checked\n".utf8))
            throw ExitCode(128 + SIGINT)
        }
    }

    /// Whether everything held.
    private func strike() async throws -> Bool {
        let seed = seed ?? .random(in: 1...999_999)
        let progress = Progress()
        var reports: [RunReport] = []
        for kind in transport.kinds {
            progress.show("\(kind): seed \(seed)")
            let run = Run(schedule: Schedule(seed: seed, transport: kind), cycles: cycles, rate: rate, progress: progress)
            let report = try await run.run()
            progress.end()
            reports.append(report)
            if !json { print(report.text + "\n") }
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(["runs": reports]), as: UTF8.self))
        }
        return reports.allSatisfy(\.hasPassed)
    }
}
