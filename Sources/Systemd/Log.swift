package import Logging

/// Where a service logs to: the direct way for records on hot paths, and the source of swift-log's loggers for everything else.
///
/// Both share one sink and one threshold. A value to be handed around freely.
package struct Log: Sendable {
    package let sink: LogSink
    package let threshold: LogThreshold

    package init(sink: LogSink, threshold: LogThreshold) {
        self.sink = sink
        self.threshold = threshold
    }

    /// Logs the message if the level is enabled; otherwise neither message nor fields are built. Never blocks.
    package func record(
        _ level: Logger.Level,
        _ message: @autoclosure () -> String,
        fields: @autoclosure () -> LogFields = [:],
        messageID: String? = nil
    ) {
        guard threshold.allows(level) else { return }
        sink.enqueue(LogRecord(level: level, message: message(), fields: fields(), messageID: messageID))
    }

    /// A logger for code that speaks swift-log, such as a library's.
    package func logger(label: String) -> Logger {
        Logger(label: label) { JournalLogHandler(label: $0, log: self) }
    }
}
