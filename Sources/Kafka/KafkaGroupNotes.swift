import CRdkafka
import Posix

/// What consumer groups have said along with their committed offsets.
package enum KafkaGroupNotes {
    /// Asks as a consumer of that group, which never joins it, on a connection and a thread of its own.
    ///
    /// Not by the library's requests for administrators, which look for the coordinator themselves (2.0.2 and later): one that has moved
    /// crashes a producer, and one that is found after its time crashes any handle.
    package static func of(
        group: String, on topic: String, partitions: [Int32], properties: [String: String], timeout: Duration
    ) async throws(KafkaError) -> [Int32: String] {
        let result: Result<[Int32: String], KafkaError> = await withCheckedContinuation { answer in
            DedicatedThread.start {
                answer.resume(
                    returning: Result { () throws(KafkaError) in
                        let configuration = try KafkaProperties.configuration(KafkaProperties.consumerDefaults, under: properties)
                        try configuration.set("group.id", to: group)
                        return try configuration.makeHandle(RD_KAFKA_CONSUMER).notes(on: topic, partitions, within: timeout)
                    })
            }
        }
        return try result.get()
    }
}
