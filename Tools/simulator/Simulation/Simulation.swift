/// One run of the whole saga from one seed, with everything that goes wrong in it.
package struct Simulation: Sendable {
    package let seed: UInt64
    package let mutant: Mutant?

    package init(seed: UInt64, mutant: Mutant? = nil) {
        self.seed = seed
        self.mutant = mutant
    }

    package struct Outcome: Sendable {
        /// The same for the same seed, whatever else happens on the machine.
        package var traceHash: UInt64
        package var events: Int
        package var faults: FaultCounts
        /// What must never be so and was; nil when all is well.
        package var violation: String?
    }

    package func run(printing isPrinted: Bool = false) -> Outcome {
        do {
            let world = try World(seed: seed, mutant: mutant, isPrinted: isPrinted)
            var violation: String?
            do { try world.run() } catch { violation = "\(error)" }
            return Outcome(traceHash: world.trace.hash, events: world.trace.steps, faults: world.weather.counts, violation: violation)
        } catch {
            return Outcome(traceHash: 0, events: 0, faults: FaultCounts(), violation: "the world could not be made: \(error)")
        }
    }
}
