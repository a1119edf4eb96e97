import ArgumentParser

/// What the scenarios with orders have in common.
struct LoadOptions: ParsableArguments, Sendable {
    @OptionGroup var thing: OrderedThing

    @Option(help: "How long the suite is warmed up with a few orders before anything is counted, in seconds.")
    var warmUp = 3

    @Option(help: "Watch every so many orders until they are final; 0: the scenario's choice.")
    var sample = 0

    /// The measurement on a suite that has settled: its connections stand, its consumers have joined, its code has run.
    func measurement(of suite: BenchedSuite, sampling: Int) async throws -> Measurement {
        let measurement = Measurement(suite: suite, thing: thing, sampling: sample > 0 ? sample : sampling)
        if warmUp > 0 {
            _ = try await measurement.run("\(suite.transport) warm-up", .closed(clients: 8), for: .seconds(warmUp))
        }
        return measurement
    }
}
