/// One partition of a topic.
package struct KafkaPartition: Sendable, Hashable, CustomStringConvertible {
    package let topic: String
    package let partition: Int32

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    package var description: String { "\(topic)[\(partition)]" }
}

/// A record as received: a copy that depends on nothing of the library's.
package struct KafkaMessage: Sendable, Equatable {
    package let topic: String
    package let partition: Int32
    package let offset: Int64
    package let key: [UInt8]?
    package let value: [UInt8]?
    package let headers: [KafkaHeader]
    /// Milliseconds since 1970 by the producer's or the broker's clock, as the topic is configured.
    package let timestamp: Int64?

    var place: KafkaPartition { KafkaPartition(topic: topic, partition: partition) }
}
