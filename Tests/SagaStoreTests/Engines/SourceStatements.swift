import Foundation

/// The SQL in the sources, as the compiler sees it.
enum SourceStatements {
    /// What reads and writes rows, but for what SQLite alone is asked.
    static func all() throws -> Set<String> {
        let verbs = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "]
        return Set(try literals().filter { literal in verbs.contains(where: literal.hasPrefix) && !literal.contains("\\(") })
    }

    /// The tables that are made at each start, beside those of the schemas.
    static func tables() throws -> [String] {
        try literals().filter { $0.contains("CREATE TABLE IF NOT EXISTS ") }
    }

    private static func literals() throws -> [String] {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources").standardized
        var literals: [String] = []
        for case let file as URL in FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil) ?? .init()
        where file.pathExtension == "swift" && !file.path.contains("/Store/SQLite/") {
            let parts = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\"\"\"")
            for (index, part) in parts.enumerated() {
                // Every second part is a literal of many lines.
                let found = index % 2 == 1 ? [part] : part.split(separator: "\n").flatMap { $0.components(separatedBy: "\"") }
                literals += found.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            }
        }
        return literals
    }
}
