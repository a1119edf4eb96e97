import CRdkafka
import Posix

extension KafkaAdmin {
    /// Has a record written at once or not at all, to learn what a producer that goes on trying does not say. It may be written by this,
    /// so it has to be one that is to be written anyway.
    package static func attempt(_ record: KafkaRecord, properties: [String: String], timeout: Duration) async throws(KafkaError) {
        let result: Result<Void, KafkaError> = await withCheckedContinuation { answer in
            DedicatedThread.start {
                answer.resume(returning: Result { () throws(KafkaError) in try write(record, properties: properties, timeout: timeout) })
            }
        }
        try result.get()
    }

    private static func write(_ record: KafkaRecord, properties: [String: String], timeout: Duration) throws(KafkaError) {
        let configuration = try KafkaProperties.configuration(KafkaProperties.producerDefaults, under: properties)
        try configuration.set(["enable.idempotence": "false", "retries": "0", "message.timeout.ms": "\(timeout.milliseconds)"])
        configuration.withPointer { rd_kafka_conf_set_events($0, RD_KAFKA_EVENT_DR) }
        let handle = try configuration.makeHandle(RD_KAFKA_PRODUCER)
        try handle.produce(record, token: 0)
        let deadline = ContinuousClock.now + timeout + .seconds(1)
        while ContinuousClock.now < deadline {
            var deliveries: [KafkaDelivery] = []
            if let event = handle.nextEvent(within: .seconds(1)), event.kind == RD_KAFKA_EVENT_DR {
                event.appendDeliveries(to: &deliveries)
            }
            guard let delivery = deliveries.first else { continue }
            if let error = delivery.error { throw error }
            return
        }
        throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
    }
}
