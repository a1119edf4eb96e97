import Foundation

/// The commit this was built from, so that a failing seed can be run again on the same code.
package enum Revision {
    package static let current: String = {
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "describe", "--always", "--dirty"]
        git.currentDirectoryURL = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return "unknown" }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        git.waitUntilExit()
        return git.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : "unknown"
    }()

    /// How to see a failure again.
    package static func replay(seed: UInt64, mutant: Mutant? = nil) -> String {
        let option = mutant.map { " --mutant \($0)" } ?? ""
        return "commit \(current): swift run saga-simulate --seed \(seed)\(option) --verbose"
    }
}
