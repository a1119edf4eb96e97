import CRdkafka

/// One `rd_kafka_topic_partition_list_t` of our own: freed when it goes out of scope.
struct RDKafkaPartitionList: ~Copyable {
    private let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(topics: [String]) {
        pointer = rd_kafka_topic_partition_list_new(Int32(topics.count))
        for topic in topics {
            // -1 stands for all partitions of the topic, as RD_KAFKA_PARTITION_UA does.
            rd_kafka_topic_partition_list_add(pointer, topic, -1)
        }
    }

    init(_ offsets: [KafkaPartition: Int64]) {
        pointer = rd_kafka_topic_partition_list_new(Int32(offsets.count))
        for (partition, offset) in offsets {
            rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition).pointee.offset = offset
        }
    }

    deinit {
        rd_kafka_topic_partition_list_destroy(pointer)
    }

    /// Calls with the pointer, which lives as long as the call.
    func withPointer<Result>(_ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> Result) -> Result {
        body(pointer)
    }

    /// The entries of a list, of ours or the library's.
    static func entries(
        of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
    ) -> [(partition: KafkaPartition, offset: Int64, error: rd_kafka_resp_err_t)] {
        UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt)).map { entry in
            (KafkaPartition(topic: String(cString: entry.topic), partition: entry.partition), entry.offset, entry.err)
        }
    }
}
