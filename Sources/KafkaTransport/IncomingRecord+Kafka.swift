import Kafka
import Saga
import SagaStore
import Wire

extension IncomingRecord {
    init(_ message: KafkaMessage) {
        self.init(
            topic: message.topic, partition: message.partition, offset: message.offset, key: message.key,
            attributes: .headers(message.headers.map { Header(name: $0.name, value: $0.value) }), value: message.value)
    }
}

extension KafkaMessage {
    /// The event, and when it was written: when a topic is filled again the same event may come to stand in its old place, behind others
    /// than before.
    var identity: UInt128? {
        eventID.map { $0.bits ^ UInt128(truncatingIfNeeded: timestamp ?? 0) }
    }

    private var eventID: EventID? {
        headers.first { $0.name == "ce_id" }?.value.flatMap { EventID(String(decoding: $0, as: UTF8.self)) }
    }
}
