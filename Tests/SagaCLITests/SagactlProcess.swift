import SagaTestSupport
import AdminStub
import Foundation

/// Runs the built `sagactl` as people do.
struct SagactlProcess {
    struct Outcome: Sendable {
        let code: Int32
        let output: String
        let errors: String
    }

    /// - Parameters:
    ///   - environment: in place of the test's own.
    ///   - stream: takes the output in place of the outcome.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], output stream: FileHandle? = nil
    ) async throws -> Outcome {
        let directory = try TestDirectory()
        let (output, errors) = (directory.path + "/out", directory.path + "/err")
        let process = Process()
        process.executableURL = try executable
        process.arguments = arguments
        // What a sanitizer is told holds for the program too.
        process.environment = environment.merging(ProcessInfo.processInfo.environment.filter { $0.key == "ASAN_OPTIONS" }) { $1 }
        process.standardInput = FileHandle.nullDevice
        for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardOutput = stream ?? FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return Outcome(
            code: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    /// The programs are built beside the tests.
    private static var executable: URL {
        get throws {
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("sagactl")
        }
    }
}
