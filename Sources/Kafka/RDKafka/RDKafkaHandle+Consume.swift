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

    /// Stores where to read on, to be committed by the library. A partition that was taken away meanwhile is no error: its new
    /// owner reads again what it has not seen committed.
    func storeOffsets(_ offsets: [KafkaPartition: Int64]) -> KafkaError? {
        let stored = RDKafkaPartitionList(offsets).withPointer { list in
            rd_kafka_offsets_store(pointer, list)
            return RDKafkaPartitionList.entries(of: list)
        }
        let failed = stored.first { $0.error != RD_KAFKA_RESP_ERR_NO_ERROR && $0.error != RD_KAFKA_RESP_ERR__STATE }
        return failed.map { KafkaError($0.error, message: "\($0.partition): \(String(cString: rd_kafka_err2str($0.error)))") }
    }

    /// What the group has committed. Asks the broker; nil if it did not answer in time. Partitions without an offset are left out.
    func committedOffsets(of partitions: [KafkaPartition], within timeout: Duration) -> [KafkaPartition: Int64]? {
        RDKafkaPartitionList(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) })).withPointer { list in
            guard rd_kafka_committed(pointer, list, timeout.milliseconds) == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
            let known = RDKafkaPartitionList.entries(of: list).filter { $0.offset >= 0 }
            return Dictionary(uniqueKeysWithValues: known.map { ($0.partition, $0.offset) })
        }
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
