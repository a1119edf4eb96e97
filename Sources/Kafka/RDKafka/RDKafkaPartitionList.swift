import CRdkafka
import Glibc

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

    init(_ partitions: [KafkaPartition]) {
        pointer = rd_kafka_topic_partition_list_new(Int32(partitions.count))
        for partition in partitions { rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition) }
    }

    init(_ offsets: [KafkaPartition: (offset: Int64, note: String?)]) {
        pointer = rd_kafka_topic_partition_list_new(Int32(offsets.count))
        for (partition, (offset, note)) in offsets {
            // It only fails for want of memory, which nothing here survives.
            let entry = rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition)!
            entry.pointee.offset = offset
            if let note {
                // Freed with the list.
                entry.pointee.metadata = UnsafeMutableRawPointer(strdup(note))
                entry.pointee.metadata_size = note.utf8.count
            }
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
    ) -> [(partition: KafkaPartition, offset: Int64, note: String?)] {
        UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt)).map { entry in
            let note = entry.metadata.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: entry.metadata_size), as: UTF8.self) }
            return (KafkaPartition(topic: String(cString: entry.topic), partition: entry.partition), entry.offset, note)
        }
    }
}
