/// A line of the library's log.
struct LogLine {
    let level: Int32
    let facility: String
    let text: String

    /// What the line means to the application; nil if nothing.
    var event: KafkaEvent? {
        // One set of properties configures producer and consumer; each is warned of the other's half.
        if facility == "CONFWARN", text.contains("property and will be ignored by this") { return nil }
        if facility == "OFFSET", let partition = partitionOfReset {
            return .offsetOutOfRange(partition, message: text)
        }
        return .log(level: level, message: "\(facility): \(text)")
    }

    /// With `auto.offset.reset=earliest` the library tells of a lost position nowhere but in this line:
    /// `[thrd:main]: TOPIC [PARTITION]: offset reset (at offset …) to …`.
    private var partitionOfReset: KafkaPartition? {
        guard let end = text.firstRange(of: "]: offset reset (")?.lowerBound,
            let open = text[..<end].lastIndex(of: "["),
            let partition = Int32(text[text.index(after: open)..<end])
        else { return nil }
        let topic = text[..<open].split(separator: " ").last.map(String.init)
        return topic.map { KafkaPartition(topic: $0, partition: partition) }
    }
}
