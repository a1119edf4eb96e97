/// What was received for the handler, up to a limit.
struct MessageBatch {
    let limit: KafkaConsumer.BatchLimit
    private(set) var messages: [KafkaMessage] = []
    /// The last message of each partition.
    private(set) var ends: [KafkaPartition: (offset: Int64, identity: UInt128?)] = [:]
    /// The partitions that were received to their ends, which are these.
    private(set) var reached: [KafkaPartition: Int64] = [:]
    private var bytes = 0

    init(limit: KafkaConsumer.BatchLimit) {
        self.limit = limit
    }

    var isEmpty: Bool { messages.isEmpty && reached.isEmpty }

    var isFull: Bool { messages.count >= limit.messages || bytes >= limit.bytes }

    mutating func append(_ message: KafkaMessage, identity: UInt128?) {
        messages.append(message)
        ends[message.place] = (message.offset, identity)
        bytes += message.size
    }

    mutating func reached(end: Int64, of partition: KafkaPartition) {
        reached[partition] = end
    }

    mutating func clear() {
        self = MessageBatch(limit: limit)
    }
}

extension KafkaMessage {
    fileprivate var size: Int {
        headers.reduce((key?.count ?? 0) + (value?.count ?? 0)) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    }
}
