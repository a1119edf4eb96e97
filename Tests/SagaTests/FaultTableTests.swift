import Foundation
import Testing

/// `Tests/FAULTS.md` is true: each of its rows names tests that exist and are named after it.
@Suite struct FaultTableTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    private struct Row {
        let number: Int
        let tests: [(file: String, name: String)]
    }

    private static func rows() throws -> [Row] {
        try String(contentsOf: tests.appending(path: "FAULTS.md"), encoding: .utf8).split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard line.hasPrefix("|"), cells.count == 4, let number = Int(cells[0]) else { return nil }
            let tests = cells[3].components(separatedBy: "<br>").compactMap { entry -> (String, String)? in
                let parts = entry.dropFirst().components(separatedBy: "`: ")
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            }
            return Row(number: number, tests: tests)
        }
    }

    @Test("Every fault has a test that exists, and is named after it")
    func table() throws {
        let rows = try FaultTableTests.rows()
        let numbers = rows.map(\.number)
        #expect(numbers == Set(numbers).sorted(), "each once, in order")
        #expect(Set(numbers).isSuperset(of: 1...40))
        for row in rows {
            #expect(!row.tests.isEmpty, "row \(row.number)")
            for test in row.tests {
                let text = try String(contentsOf: FaultTableTests.tests.appending(path: test.file), encoding: .utf8)
                #expect(text.contains(test.name), "row \(row.number): \(test.file) has no test \"\(test.name)\"")
                #expect(FaultTableTests.numbers(in: test.name).contains(row.number), "row \(row.number): \"\(test.name)\"")
            }
        }
    }

    /// The rows a name begins with: `Fault 8, …`, `Faults 1 to 8 and 10: …`.
    private static func numbers(in name: String) -> Set<Int> {
        guard let list = name.firstMatch(of: #/Faults? (\d+(?:(?:, | and | to )\d+)*)/#) else { return [] }
        var numbers: Set<Int> = []
        for part in list.1.split(separator: #/, | and /#) {
            let ends = part.split(separator: " to ").compactMap { Int($0) }
            numbers.formUnion(ends[0]...ends[ends.count - 1])
        }
        return numbers
    }
}
