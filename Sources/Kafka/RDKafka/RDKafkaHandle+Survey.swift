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

    /// The offset of the first record of each partition that is not older than a time, in milliseconds since 1970; `Int64.max` where all are.
    /// A partition that could not be asked is left out.
    func offsets(of topic: String, _ partitions: [Int32], since time: Int64, within timeout: Duration) throws(KafkaError) -> [Int32: Int64]
    {
        let wanted = partitions.map { (KafkaPartition(topic: topic, partition: $0), (offset: time, note: String?.none)) }
        var offsets: [Int32: Int64] = [:]
        let code = RDKafkaPartitionList(Dictionary(uniqueKeysWithValues: wanted)).withPointer { list in
            let code = rd_kafka_offsets_for_times(pointer, list, timeout.milliseconds)
            for entry in UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt))
            where code == RD_KAFKA_RESP_ERR_NO_ERROR && entry.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                offsets[entry.partition] = entry.offset >= 0 ? entry.offset : .max
            }
            return code
        }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        return offsets
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

    /// What the handle's group has said along with its committed offsets of these partitions, where it has said something.
    func notes(on topic: String, _ partitions: [Int32], within timeout: Duration) throws(KafkaError) -> [Int32: String] {
        let wanted = partitions.map { (KafkaPartition(topic: topic, partition: $0), (offset: Int64(0), note: String?.none)) }
        let list = RDKafkaPartitionList(Dictionary(uniqueKeysWithValues: wanted))
        let (code, entries) = list.withPointer { list in
            (rd_kafka_committed(pointer, list, timeout.milliseconds), RDKafkaPartitionList.entries(of: list))
        }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        return Dictionary(entries.compactMap { entry in entry.note.map { (entry.partition.partition, $0) } }) { $1 }
    }
}
