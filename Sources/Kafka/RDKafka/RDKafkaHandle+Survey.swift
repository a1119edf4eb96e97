import CRdkafka

extension RDKafkaHandle {
    /// What a topic holds: the first and the next offset of each partition.
    ///
    /// - Throws: when it could not be looked at in full.
    func watermarks(of topic: String, within timeout: Duration) throws(KafkaError) -> [Int32: Range<Int64>] {
        let deadline = ContinuousClock.now + timeout
        var watermarks: [Int32: Range<Int64>] = [:]
        for partition in try partitions(of: topic, within: timeout) {
            var low: Int64 = -1
            var high: Int64 = -1
            let code = rd_kafka_query_watermark_offsets(
                pointer, topic, partition, &low, &high, ContinuousClock.now.duration(to: deadline).milliseconds)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR, low >= 0, high >= low else { throw KafkaError(code) }
            watermarks[partition] = low..<high
        }
        return watermarks
    }

    /// Never creates the topic: our handles do not allow that.
    func partitions(of topic: String, within timeout: Duration) throws(KafkaError) -> [Int32] {
        guard let handle = rd_kafka_topic_new(pointer, topic, nil) else { throw KafkaError(rd_kafka_last_error()) }
        defer { rd_kafka_topic_destroy(handle) }
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(pointer, 0, handle, &answer, timeout.milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { throw KafkaError(code) }
        defer { rd_kafka_metadata_destroy(answer) }
        guard let found = UnsafeBufferPointer(start: answer.pointee.topics, count: Int(answer.pointee.topic_cnt)).first else {
            throw KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        }
        guard found.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(found.err) }
        return UnsafeBufferPointer(start: found.partitions, count: Int(found.partition_cnt)).map(\.id)
    }

    /// What a group has said along with its committed offsets of these partitions, where it has said something.
    ///
    /// Only on a consumer's handle: when the group's coordinator has moved, the library (2.0.2 to 2.13 at least) looks for it through the
    /// group of the handle that asks, and a producer has none.
    func notes(
        of group: String, _ topic: String, _ partitions: [Int32], within timeout: Duration
    ) throws(KafkaError) -> [Int32: String] {
        precondition(rd_kafka_type(pointer) == RD_KAFKA_CONSUMER, "a group's offsets are asked for through a consumer")
        let queue = rd_kafka_queue_new(pointer)
        let options = rd_kafka_AdminOptions_new(pointer, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS)
        defer {
            rd_kafka_AdminOptions_destroy(options)
            rd_kafka_queue_destroy(queue)
        }
        _ = withErrorText { rd_kafka_AdminOptions_set_request_timeout(options, timeout.milliseconds, $0, $1) }
        let wanted = partitions.map { (KafkaPartition(topic: topic, partition: $0), (offset: Int64(0), note: String?.none)) }
        var request = RDKafkaPartitionList(Dictionary(uniqueKeysWithValues: wanted)).withPointer {
            rd_kafka_ListConsumerGroupOffsets_new(group, $0)
        }
        defer { rd_kafka_ListConsumerGroupOffsets_destroy(request) }
        rd_kafka_ListConsumerGroupOffsets(pointer, &request, 1, options, queue)
        guard let answer = RDKafkaEvent(taking: rd_kafka_queue_poll(queue, (timeout + .seconds(1)).milliseconds)) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
        }
        if let error = answer.error { throw error }
        return Dictionary(answer.committedOffsets.compactMap { entry in entry.note.map { (entry.partition.partition, $0) } }) { $1 }
    }
}
