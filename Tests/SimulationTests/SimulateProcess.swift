import Foundation

/// Runs the built `saga-simulate`: a campaign keeps all cores busy for a while, and in a process of its own, with low priority, it does
/// not keep other tests from theirs.
enum SimulateProcess {
    struct Outcome: Sendable {
        let code: Int32
        let output: String
    }

    static func run(_ arguments: String...) async throws -> Outcome {
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("saga-simulate-\(UUID()).out")
        defer { try? FileManager.default.removeItem(at: output) }
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["nice", try executable] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return Outcome(code: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8))
    }

    /// The programs are built beside the tests.
    private static var executable: String {
        get throws {
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("saga-simulate").path
        }
    }
}
