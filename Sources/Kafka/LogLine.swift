/// A line of the library's log.
struct LogLine {
    let level: Int32
    let facility: String
    let text: String

    /// What the line means to the application; nil if nothing.
    var event: KafkaEvent? {
        // One set of properties configures producer and consumer; each is warned of the other's half.
        if facility == "CONFWARN", text.contains("property and will be ignored by this") { return nil }
        return .log(level: level, message: "\(facility): \(text)")
    }
}
