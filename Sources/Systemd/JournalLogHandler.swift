package import Logging

/// Brings what is logged through swift-log into the sink: metadata become fields of the same names, the label becomes `logger`.
///
/// The level is the shared threshold's, so that a change reaches every logger, except for a logger that was given a level of its own.
package struct JournalLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let log: Log
    private var ownLevel: Logger.Level?

    package init(label: String, log: Log, metadataProvider: Logger.MetadataProvider? = nil) {
        self.label = label
        self.log = log
        self.metadataProvider = metadataProvider
    }

    package var logLevel: Logger.Level {
        get { ownLevel ?? log.threshold.level }
        set { ownLevel = newValue }
    }

    /// The metadata that is the record's `MESSAGE_ID`, and no field.
    package static let messageID = "message-id"

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }

        var fields = LogFields()
        let messageID = all.removeValue(forKey: Self.messageID)?.description
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { fields.append(key, value.description) }
        if let error = event.error { fields.append("error", String(describing: error)) }
        fields.append("logger", label)
        log.sink.enqueue(LogRecord(level: event.level, message: event.message.description, fields: fields, messageID: messageID))
    }
}
