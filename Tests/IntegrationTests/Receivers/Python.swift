import Foundation
import SagaTestSupport
import Testing

/// Programs of this directory, with what `packaging/install-dependencies test` has installed for them.
enum Python {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func start(_ script: String, _ arguments: [String], in directory: TestDirectory, label: String) throws -> ProgramProcess {
        let python = root.appending(path: ".build/python/bin").path
        try #require(
            FileManager.default.fileExists(atPath: python + "/python3"), "packaging/install-dependencies test installs what is missing")
        let file = root.appending(path: "Tests/IntegrationTests/Receivers/\(script)").path
        return try ProgramProcess.$directory.withValue(python) {
            try ProgramProcess("python3", [file] + arguments, in: directory.path, label: label)
        }
    }
}
