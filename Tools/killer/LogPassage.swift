import Foundation

/// What one process wrote into a log that it shares with those before and after it.
struct LogPassage: Sendable {
    private let file: String
    private let begin: UInt64
    private let start = Date()

    /// Begins with what is written from now on.
    init(file: String) {
        self.file = file
        begin = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? UInt64) ?? 0
    }

    /// How long after the start the first event was applied, by the time of its line; nil when none was.
    ///
    /// To be asked before the next process writes.
    func firstEvent() -> Duration? {
        guard let handle = FileHandle(forReadingAtPath: file), (try? handle.seek(toOffset: begin)) != nil else { return nil }
        var rest = Data()
        while let chunk = try? handle.read(upToCount: 65_536), !chunk.isEmpty {
            rest += chunk
            var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            rest = Data(lines.removeLast())
            for line in lines {
                if let time = LogPassage.applied(String(decoding: line, as: UTF8.self)) {
                    return .milliseconds(max(0, time.timeIntervalSince(start) * 1000))
                }
            }
        }
        return nil
    }

    /// The time of a line such as `2026-01-31T12:00:00.123Z info ORDER_CREATED: RESERVED, emits … event_id=…`; nil of one that says
    /// something else, or that the event came to nothing: `ORDER_CREATED (duplicate) …`.
    static func applied(_ line: String) -> Date? {
        guard line.contains(" event_id=") else { return nil }
        let words = line.split(separator: " ", maxSplits: 4)
        guard words.count > 3, !words[3].hasPrefix("("), words[2].allSatisfy({ $0.isUppercase || "_:".contains($0) }) else { return nil }
        return try? Date(String(words[0]), strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
