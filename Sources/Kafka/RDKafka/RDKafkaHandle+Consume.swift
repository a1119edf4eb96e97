import CRdkafka

extension RDKafkaHandle {
    func subscribe(to topics: [String]) throws(KafkaError) {
        let code = RDKafkaPartitionList(topics: topics).withPointer { rd_kafka_subscribe(pointer, $0) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code) }
    }

    /// Waits for a message. Callbacks (rebalances, errors, statistics, log) run inside.
    func nextMessage(within timeout: Duration) -> RDKafkaMessage? {
        RDKafkaMessage(taking: rd_kafka_consumer_poll(pointer, timeout.milliseconds))
    }

    /// Reads these partitions from these offsets, and no others. Nothing that was fetched before is delivered any more.
    func assign(_ starts: [KafkaPartition: Int64]) {
        RDKafkaPartitionList(starts.mapValues { ($0, nil) }).withPointer {
            _ = rd_kafka_assign(pointer, $0)
        }
    }

    /// Somebody else may have what this member was given.
    var isAssignmentLost: Bool { rd_kafka_assignment_lost(pointer) != 0 }

    func unassign() {
        rd_kafka_assign(pointer, nil)
    }

    /// Delivers nothing more of these until they are resumed, also of what was fetched before.
    func pause(_ partitions: [KafkaPartition]) {
        guard !partitions.isEmpty else { return }
        RDKafkaPartitionList(partitions).withPointer { _ = rd_kafka_pause_partitions(pointer, $0) }
    }

    /// Goes on behind what was delivered last.
    func resume(_ partitions: [KafkaPartition]) {
        guard !partitions.isEmpty else { return }
        RDKafkaPartitionList(partitions).withPointer { _ = rd_kafka_resume_partitions(pointer, $0) }
    }

    /// Has the group's offsets committed, for others to see; no answer is waited for.
    func commit(_ offsets: [KafkaPartition: (offset: Int64, note: String?)]) {
        RDKafkaPartitionList(offsets).withPointer { _ = rd_kafka_commit(pointer, $0, 1) }
    }

    /// The first and the next offset of a partition, asked of the broker; nil if it did not answer in time.
    func currentWatermarks(of partition: KafkaPartition, within timeout: Duration) -> (low: Int64, high: Int64)? {
        var low: Int64 = -1
        var high: Int64 = -1
        let code = rd_kafka_query_watermark_offsets(
            pointer, partition.topic, partition.partition, &low, &high, timeout.milliseconds)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? (max(low, 0), high) : nil
    }

    /// The first and the next offset of a partition as of the last fetch; nil if there was none yet.
    func watermarks(of partition: KafkaPartition) -> (low: Int64, high: Int64)? {
        var low: Int64 = -1
        var high: Int64 = -1
        let code = rd_kafka_get_watermark_offsets(pointer, partition.topic, partition.partition, &low, &high)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? (max(low, 0), high) : nil
    }

    /// Commits what is stored and leaves the group, unless that takes too long: then the group finds out by itself.
    /// Messages that were fetched but not taken are dropped.
    func closeConsumer(within timeout: Duration) {
        // Not `rd_kafka_consumer_close`, which waits without a bound when the broker is away.
        guard let queue = rd_kafka_queue_new(pointer) else { return }
        defer { rd_kafka_queue_destroy(queue) }
        if let error = rd_kafka_consumer_close_queue(pointer, queue) {
            rd_kafka_error_destroy(error)
            return
        }
        let deadline = ContinuousClock.now + timeout
        while rd_kafka_consumer_closed(pointer) == 0, ContinuousClock.now < deadline {
            if let event = RDKafkaEvent(taking: rd_kafka_queue_poll(queue, 20)), event.kind == RD_KAFKA_EVENT_REBALANCE {
                rd_kafka_assign(pointer, nil)
            }
        }
    }
}
