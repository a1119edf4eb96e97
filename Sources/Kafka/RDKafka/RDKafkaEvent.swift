import CRdkafka

/// One `rd_kafka_event_t`: freed when it goes out of scope, and not to be kept beyond the life of its handle.
struct RDKafkaEvent: ~Copyable {
    private let pointer: OpaquePointer

    init?(taking pointer: OpaquePointer?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit {
        rd_kafka_event_destroy(pointer)
    }

    /// One of the `RD_KAFKA_EVENT_` constants.
    var kind: Int32 { rd_kafka_event_type(pointer) }

    /// The event's error, or nil if it carries none.
    var error: KafkaError? {
        let code = rd_kafka_event_error(pointer)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(
            code,
            message: rd_kafka_event_error_string(pointer).map(String.init(cString:)),
            // Of any other event it reads what is not there.
            isFatal: kind == RD_KAFKA_EVENT_ERROR && rd_kafka_event_error_is_fatal(pointer) != 0)
    }

    /// Of a delivery report.
    func appendDeliveries(to deliveries: inout [KafkaDelivery]) {
        deliveries.reserveCapacity(deliveries.count + rd_kafka_event_message_count(pointer))
        while let message = rd_kafka_event_message_next(pointer)?.pointee {
            deliveries.append(
                KafkaDelivery(
                    token: Int64(Int(bitPattern: message._private)),
                    partition: message.partition,
                    offset: message.offset,
                    error: message.err == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(message.err)))
        }
    }

    /// Of statistics.
    var aBrokerIsUp: Bool {
        rd_kafka_event_stats(pointer).map(Statistics.aBrokerIsUp) ?? false
    }

    /// Of a log line.
    var logLine: LogLine? {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var level: Int32 = 0
        guard rd_kafka_event_log(pointer, &facility, &text, &level) == 0, let facility, let text else { return nil }
        return LogLine(level: level, facility: String(cString: facility), text: String(cString: text))
    }

    /// Of a request to create topics: what the broker answered for each.
    var createdTopics: [String: KafkaAdmin.Outcome] {
        var count = 0
        guard let result = rd_kafka_event_CreateTopics_result(pointer),
            let topics = rd_kafka_CreateTopics_result_topics(result, &count)
        else { return [:] }
        var outcomes: [String: KafkaAdmin.Outcome] = [:]
        for index in 0..<count {
            guard let topic = topics[index] else { continue }
            outcomes[String(cString: rd_kafka_topic_result_name(topic))] = KafkaAdmin.Outcome(
                rd_kafka_topic_result_error(topic),
                message: rd_kafka_topic_result_error_string(topic).map(String.init(cString:)))
        }
        return outcomes
    }
}
