import Foundation
import Testing

@testable import SagaConfiguration

@Suite struct BuildRecordTests {
    @Test func `the versions compiled in are those the package resolves to`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Package.resolved")
        let resolved = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        let pins = try #require(resolved["pins"] as? [[String: Any]])
        let expected = pins.map { pin in
            let state = pin["state"] as? [String: String] ?? [:]
            return "\(pin["identity"] as? String ?? "?") \(state["version"] ?? "-") \(state["revision"] ?? "?")"
        }
        #expect(expected.count > 10)
        #expect(BuildRecord.packages == expected)
    }

    @Test func `they are shown with the version, when asked for`() {
        let text = BuildRecord.text(for: ["--verbose", "--version"], version: "1.2.3", libraries: ["SQLite 3.40.1"])
        #expect(text?.hasPrefix("1.2.3\nSQLite 3.40.1\n") == true)
        #expect(text?.contains("\nswift-nio ") == true)
        #expect(BuildRecord.text(for: ["--version"], version: "1.2.3") == nil)
    }
}
