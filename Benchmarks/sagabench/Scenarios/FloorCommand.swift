import ArgumentParser

struct FloorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor", abstract: "What this machine allows for the rows of an order alone.",
        discussion: """
            Writes the same rows to three databases with the same durability, in a plain loop on one thread, with 16, 64 and 256 \
            orders to a commit. The other scenarios do so first with --floor.
            """)

    @OptionGroup var output: ReportOptions

    func run() async throws {
        var output = output
        output.floor = true
        try await output.report("floor") { _ in }
    }

    static func measure(for duration: Duration) async throws -> [FloorResult] {
        Progress.say("the floor: \(Int(duration / .seconds(1))) s each with 16, 64 and 256 orders to a commit")
        return try await BlockingWork.run { try Floor.measure(batches: [16, 64, 256], for: duration) }
    }
}
