import ArgumentParser
import Foundation
import Simulation

@main
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saga-simulate",
        abstract: "Runs the whole saga in simulated time, under every fault, from one seed each.",
        discussion: """
            Exit status 1 when an invariant was violated, a kind of fault never happened in a long run, or a mutant survived.
            """)

    @Option(help: "Run this seed alone.")
    var seed: UInt64?

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 10_000

    @Option(help: "The first of them.")
    var first: UInt64 = 1

    @Option(help: "How many runs at the same time.")
    var workers = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Put in this bug.")
    var mutant: Mutant?

    @Flag(help: "Put in every bug, one after the other, and see each found.")
    var mutants = false

    @Flag(help: "Print what happens, step by step.")
    var verbose = false

    /// A campaign of fewer seeds need not have seen everything.
    private static let longRun = 1000

    func run() async throws {
        if let seed {
            try runAlone(seed)
        } else if mutants {
            try await findMutants()
        } else {
            try await runMany()
        }
    }

    private func runAlone(_ seed: UInt64) throws {
        let outcome = Simulation(seed: seed, mutant: mutant).run(printing: verbose)
        print("seed \(seed): \(outcome.events) events, trace \(String(outcome.traceHash, radix: 16))")
        if let violation = outcome.violation {
            print("VIOLATED: \(violation)")
            throw ExitCode.failure
        }
    }

    private func runMany() async throws {
        let begin = ContinuousClock.now
        let report = await Campaign(seeds: first..<first + seeds, mutant: mutant, workers: workers).run { report in
            guard isatty(STDERR_FILENO) == 1 else { return }
            FileHandle.standardError.write(Data("\r\(report.runs) seeds".utf8))
        }
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        print("\n\(report.runs) seeds, \(report.events) events, \(Int(Double(report.runs) / seconds)) seeds/s")
        for fault in Fault.allCases { print("  \(report.faults[fault])\t\(fault.name)") }
        if let (seed, violation) = report.failure {
            print("VIOLATED by seed \(seed): \(violation)\n\(Revision.replay(seed: seed, mutant: mutant))")
            throw ExitCode.failure
        }
        if report.runs >= SimulateCommand.longRun, !report.faults.missing.isEmpty {
            print("NEVER HAPPENED: \(report.faults.missing.map(\.name).joined(separator: ", "))")
            throw ExitCode.failure
        }
    }

    private func findMutants() async throws {
        var survivors = 0
        for mutant in Mutant.allCases {
            let report = await Campaign(seeds: first..<first + seeds, mutant: mutant, workers: workers).run()
            if let (seed, violation) = report.failure {
                print("\(mutant)\tseed \(seed)\t\(violation)")
            } else {
                print("\(mutant)\tSURVIVED \(report.runs) seeds: \(mutant.rawValue)")
                survivors += 1
            }
        }
        guard survivors == 0 else { throw ExitCode.failure }
    }
}

extension Mutant: ExpressibleByArgument {
    package init?(argument: String) {
        guard let mutant = Mutant.allCases.first(where: { "\($0)" == argument }) else { return nil }
        self = mutant
    }
}
