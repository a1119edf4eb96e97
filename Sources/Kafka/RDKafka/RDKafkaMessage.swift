import CRdkafka

/// One `rd_kafka_message_t` from a consumer: freed when it goes out of scope.
struct RDKafkaMessage: ~Copyable {
    private let pointer: UnsafeMutablePointer<rd_kafka_message_t>

    init?(taking pointer: UnsafeMutablePointer<rd_kafka_message_t>?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit {
        rd_kafka_message_destroy(pointer)
    }

    /// Instead of a message: everything before this offset was received, or is no message but a mark of a transaction.
    var end: Int64? {
        pointer.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF ? pointer.pointee.offset : nil
    }

    /// A consumer gets some errors as messages; their payload is the explanation.
    var error: KafkaError? {
        guard pointer.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(pointer.pointee.err, message: rd_kafka_message_errstr(pointer).map(String.init(cString:)))
    }

    /// The topic the message or error is about.
    var topic: String? {
        pointer.pointee.rkt.flatMap { rd_kafka_topic_name($0) }.map(String.init(cString:))
    }

    /// The partition the message or error is about.
    var place: KafkaPartition? {
        topic.map { KafkaPartition(topic: $0, partition: pointer.pointee.partition) }
    }

    /// A copy of the message's contents.
    func contents(topic: String) -> KafkaMessage {
        let message = pointer.pointee
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(pointer, &kind)
        return KafkaMessage(
            topic: topic,
            partition: message.partition,
            offset: message.offset,
            key: message.key.map { Self.bytes($0, message.key_len) },
            value: message.payload.map { Self.bytes($0, message.len) },
            headers: headers,
            timestamp: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : timestamp)
    }

    /// The topic's handle, the same for every message of a topic as long as one of them is held.
    var topicHandle: OpaquePointer? { pointer.pointee.rkt }

    private var headers: [KafkaHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(pointer, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        let count = rd_kafka_header_cnt(list)
        return [KafkaHeader](unsafeUninitializedCapacity: count) { headers, written in
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            while written < count, rd_kafka_header_get_all(list, written, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR,
                let name
            {
                let bytes = value.map { Self.bytes($0, size) }
                headers.initializeElement(at: written, to: KafkaHeader(String(cString: name), bytes))
                written += 1
            }
        }
    }

    private static func bytes(_ start: UnsafeRawPointer, _ count: Int) -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}
