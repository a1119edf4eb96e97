import Foundation
import Simulation
import Testing

/// The claim to prove: every order answered with 201 ends, stock and money are conserved, no effect happens twice, whatever goes wrong.
@Suite struct SimulationTests {
    /// Fewer under a sanitizer, more by night.
    private static let seeds = ProcessInfo.processInfo.environment["SAGA_SIMULATION_SEEDS"] ?? "10000"

    @Test("Faults 1 to 8, 10 to 15, 18, 20, 29, 39 and 40: ten thousand storms end well, and every kind of fault happened")
    func storms() async throws {
        let outcome = try await SimulateProcess.run("--seeds", SimulationTests.seeds)
        print(outcome.output)
        #expect(outcome.code == 0, "\(outcome.output)")
    }

    @Test("Every bug that is put in on purpose is found")
    func mutants() async throws {
        let outcome = try await SimulateProcess.run("--mutants", "--seeds", "12000")
        print(outcome.output)
        #expect(outcome.code == 0, "\(outcome.output)")
        #expect(outcome.output.split(separator: "\n").count == Mutant.allCases.count)
    }

    @Test("The same seed goes the same way, here and in another process", arguments: 1...12)
    func repetition(seed: UInt64) async throws {
        let first = Simulation(seed: seed).run()
        let second = Simulation(seed: seed).run()
        #expect(first.traceHash == second.traceHash)
        #expect(first.events == second.events)
        let other = try await SimulateProcess.run("--seed", "\(seed)")
        #expect(other.output == "seed \(seed): \(first.events) events, trace \(String(first.traceHash, radix: 16))\n")
    }

    @Test("Another seed goes another way")
    func variety() {
        let hashes = Set((1...50).map { Simulation(seed: $0).run().traceHash })
        #expect(hashes.count == 50)
    }

    @Test("What fails in a campaign fails again by its seed alone")
    func replay() async throws {
        let report = await Campaign(seeds: 1..<200, mutant: .keepsStock, workers: 1).run()
        let failure = try #require(report.failure)
        let command = Revision.replay(seed: failure.seed, mutant: .keepsStock)
        #expect(command.hasSuffix("swift run saga-simulate --seed \(failure.seed) --mutant keepsStock --verbose"))
        let again = try await SimulateProcess.run("--seed", "\(failure.seed)", "--mutant", "keepsStock", "--verbose")
        #expect(again.code == 1)
        #expect(again.output.hasSuffix("VIOLATED: \(failure.violation)\n"))
    }
}
