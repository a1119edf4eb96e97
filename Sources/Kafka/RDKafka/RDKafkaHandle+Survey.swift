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
    /// Asked through a handle of its own, which belongs to that group and is no member. As an admin request it is not safe: the library
    /// (2.0.2 to 2.13 at least) uses a group that a producer does not have when the coordinator has moved, and aborts, whatever the handle,
    /// when the coordinator is found after the request has timed out.
    func notes(
        of group: String, _ topic: String, _ partitions: [Int32], within timeout: Duration
    ) throws(KafkaError) -> [Int32: String] {
        let configuration = RDKafkaConfiguration(of: self)
        try configuration.set("group.id", to: group)
        let handle = try configuration.makeHandle(RD_KAFKA_CONSUMER)
        let wanted = partitions.map { (KafkaPartition(topic: topic, partition: $0), (offset: Int64(0), note: String?.none)) }
        let (code, entries) = RDKafkaPartitionList(Dictionary(uniqueKeysWithValues: wanted)).withPointer { list in
            let code = rd_kafka_committed(handle.pointer, list, timeout.milliseconds)
            return (code, RDKafkaPartitionList.entries(of: list))
        }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        return Dictionary(entries.compactMap { entry in entry.note.map { (entry.partition.partition, $0) } }) { $1 }.filter { $1 != "" }
    }
}
