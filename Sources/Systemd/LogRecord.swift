package import Logging

internal import Glibc

/// One log message on its way to the log writer. Cheap to make: nothing is formatted before the writer has it.
package struct LogRecord: Sendable {
    package let level: Logger.Level
    package let message: String
    package let fields: LogFields
    /// The journal's `MESSAGE_ID`, 32 lower-case hexadecimal digits: the entry of the message in the catalog.
    package let messageID: String?
    package let timestamp: LogTimestamp

    package init(
        level: Logger.Level,
        message: String,
        fields: LogFields = [:],
        messageID: String? = nil,
        timestamp: LogTimestamp = .now
    ) {
        self.level = level
        self.message = message
        self.fields = fields
        self.messageID = messageID
        self.timestamp = timestamp
    }
}

/// A time of day in milliseconds since 1970, UTC.
package struct LogTimestamp: Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static var now: LogTimestamp {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return LogTimestamp(milliseconds: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000)
    }
}
