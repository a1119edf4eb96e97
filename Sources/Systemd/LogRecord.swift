package import Logging
package import Wire

/// One log message on its way to the log writer. Cheap to make: nothing is formatted before the writer has it.
package struct LogRecord: Sendable {
    package let level: Logger.Level
    package let message: String
    package let fields: LogFields
    /// The journal's `MESSAGE_ID`, 32 lower-case hexadecimal digits: the entry of the message in the catalog.
    package let messageID: String?
    package let timestamp: Timestamp

    package init(
        level: Logger.Level,
        message: String,
        fields: LogFields = [:],
        messageID: String? = nil,
        timestamp: Timestamp = .now
    ) {
        self.level = level
        self.message = message
        self.fields = fields
        self.messageID = messageID
        self.timestamp = timestamp
    }
}
