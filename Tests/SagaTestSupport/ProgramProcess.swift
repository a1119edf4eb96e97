import Foundation
import Synchronization

/// One of the built programs as a process of its own, ended with this object at the latest.
package final class ProgramProcess: Sendable {
    package enum Exit: Sendable, Equatable {
        case code(Int32)
        case signal(Int32)
    }

    /// What a program that has ended leaves behind.
    package struct Outcome: Sendable {
        package let exit: Exit
        package let output: String
        package let errors: String
    }

    package let pid: pid_t
    private let exit: Observed<Exit?>
    private let process: Owned
    private let outputPath: String
    private let errorsPath: String

    /// - Parameters:
    ///   - environment: in place of the test's own.
    ///   - directory: where standard output and standard error are kept, in files called like `label`; those of an earlier process with
    ///     the same label are gone on with.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], in directory: String, label: String
    ) throws {
        outputPath = "\(directory)/\(label).out"
        errorsPath = "\(directory)/\(label).err"
        let process = Process()
        process.executableURL = try ProgramProcess.executable(program)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try ProgramProcess.appending(to: outputPath)
        process.standardError = try ProgramProcess.appending(to: errorsPath)
        let exit = Observed<Exit?>(nil)
        process.terminationHandler = { process in
            let (reason, status) = (process.terminationReason, process.terminationStatus)
            exit.change { $0 = reason == .exit ? .code(status) : .signal(status) }
        }
        try process.run()
        self.exit = exit
        self.process = Owned(process: process)
        pid = process.processIdentifier
    }

    deinit {
        signal(SIGKILL)
    }

    /// Sends a signal, unless the process has ended; a stopped process is woken up to die.
    package func signal(_ number: Int32) {
        // Only ever this process: it is not reaped before `process` knows that it has ended.
        if process.process.isRunning { kill(pid, number) }
    }

    package var isRunning: Bool { exit.state == nil }

    /// Standard error so far.
    package var errors: String { (try? String(contentsOfFile: errorsPath, encoding: .utf8)) ?? "" }

    /// Waits for the end.
    @discardableResult
    package func ended(within limit: Duration = .seconds(30)) async throws -> Outcome {
        let exit = try await exit.wait(for: "end of \(process.process.executableURL?.lastPathComponent ?? "")", within: limit) { $0 }
        return Outcome(exit: exit, output: (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "", errors: errors)
    }

    /// Runs a program to its end.
    package static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], in directory: String
    ) async throws -> Outcome {
        try await ProgramProcess(program, arguments, environment: environment, in: directory, label: "\(program)-\(UUID())").ended()
    }

    /// The programs are built beside the tests.
    private static func executable(_ name: String) throws -> URL {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(name)
    }

    private static func appending(to path: String) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// `@unchecked Sendable`: after it was started it is only asked whether it runs and what it is called.
    private struct Owned: @unchecked Sendable {
        let process: Process
    }
}
