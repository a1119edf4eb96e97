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
        let file = root.appending(path: "Tests/IntegrationTests/Python/\(script)").path
        return try ProgramProcess.$directory.withValue(python) {
            try ProgramProcess("python3", [file] + arguments, in: directory.path, label: label)
        }
    }

    /// What a JSON Schema of this directory finds wrong with a document.
    static func problems(of document: String, by schema: String, in directory: TestDirectory) async throws -> String {
        let file = try directory.write(document, to: "\(UUID()).json")
        let path = root.appending(path: "Tests/IntegrationTests/Python/\(schema)").path
        return try await start("validate.py", [path, file], in: directory, label: "validate-\(UUID())").ended().output
    }
}
