/// A header of a record. Names need not be unique; a value may be missing, which is not the same as empty.
package struct KafkaHeader: Sendable, Equatable {
    package let name: String
    package let value: [UInt8]?

    package init(_ name: String, _ value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}

/// A record to be produced. Records of one key keep their order: the key alone chooses the partition.
package struct KafkaRecord: Sendable, Equatable {
    package let topic: String
    package let key: [UInt8]
    package let value: [UInt8]
    package let headers: [KafkaHeader]

    package init(topic: String, key: [UInt8], value: [UInt8], headers: [KafkaHeader] = []) {
        self.topic = topic
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// What became of one produced record: `error == nil` means that the broker has it, as durably as `acks` asks for.
///
/// An error does not mean that the broker has it not: an acknowledgement may have been lost.
package struct KafkaDelivery: Sendable, Equatable {
    /// The token given to `produce`.
    package let token: Int64
    package let partition: Int32
    package let offset: Int64
    package let error: KafkaError?
}
