import CRdkafka

/// What a topic holds at a moment, and what the groups that read it have said of it along with their committed offsets.
package struct KafkaTopicSurvey: Sendable, Equatable {
    package var partitions: [Int32: Range<Int64>] = [:]
    /// By group and partition; only where there is one.
    package var notes: [String: [Int32: String]] = [:]
    /// Why a group could not be asked.
    package var refusals: [String: KafkaError] = [:]
}

extension RDKafkaHandle {
    /// - Throws: when the topic could not be looked at in full; a group that could not is a refusal.
    func survey(_ topic: String, groups: [String], timeout: Duration) throws(KafkaError) -> KafkaTopicSurvey {
        let deadline = ContinuousClock.now + timeout
        var survey = KafkaTopicSurvey()
        let partitions = try partitions(of: topic, within: timeout)
        for partition in partitions {
            var low: Int64 = -1
            var high: Int64 = -1
            let code = rd_kafka_query_watermark_offsets(
                pointer, topic, partition, &low, &high, ContinuousClock.now.duration(to: deadline).milliseconds)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR, low >= 0, high >= low else { throw KafkaError(code) }
            survey.partitions[partition] = low..<high
        }
        for group in groups {
            do throws(KafkaError) {
                survey.notes[group] = try notes(of: group, topic, partitions, within: ContinuousClock.now.duration(to: deadline))
            } catch {
                survey.refusals[group] = error
            }
        }
        return survey
    }

    private func partitions(of topic: String, within timeout: Duration) throws(KafkaError) -> [Int32] {
        // With the default of an existing configuration this does not create it: `allow.auto.create.topics` is for consumers.
        guard let handle = rd_kafka_topic_new(pointer, topic, nil) else { throw KafkaError(rd_kafka_last_error()) }
        defer { rd_kafka_topic_destroy(handle) }
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(pointer, 0, handle, &answer, timeout.milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { throw KafkaError(code) }
        defer { rd_kafka_metadata_destroy(answer) }
        guard let found = UnsafeBufferPointer(start: answer.pointee.topics, count: Int(answer.pointee.topic_cnt)).first else { return [] }
        guard found.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(found.err) }
        return UnsafeBufferPointer(start: found.partitions, count: Int(found.partition_cnt)).map(\.id)
    }

    private func notes(
        of group: String, _ topic: String, _ partitions: [Int32], within timeout: Duration
    ) throws(KafkaError) -> [Int32: String] {
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
