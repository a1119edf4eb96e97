import Kafka
import SagaStore

extension PartitionName {
    init(_ partition: KafkaPartition) {
        self.init(topic: partition.topic, partition: partition.partition)
    }
}

extension Bookmark {
    init(_ bookmark: KafkaBookmark) {
        self.init(offset: bookmark.offset, identity: bookmark.identity, note: bookmark.note)
    }
}

extension KafkaBookmark {
    init(_ bookmark: Bookmark) {
        self.init(offset: bookmark.offset, identity: bookmark.identity, note: bookmark.note)
    }
}
