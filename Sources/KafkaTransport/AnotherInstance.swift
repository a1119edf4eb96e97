import Kafka
import Saga

/// Another instance of the service, with a database of its own, was in the consumer group before.
package struct AnotherInstance: Error, CustomStringConvertible {
    let service: ServiceName
    let group: String
    /// Empty where the brokers do not tell.
    let others: [KafkaGroupMember]
    let share: KafkaShare?

    package var description: String {
        let other =
            if !others.isEmpty {
                "\(others.text) in the consumer group \(group) already"
            } else {
                "another member of the consumer group \(group) has the rest of the partitions, of which this daemon was given "
                    + "\(share?.text ?? "too few"); the brokers do not say who"
            }
        return "\(other): with SQLite one instance of the \(service) service runs in a group. Stop one of the two, or give a suite of its "
            + "own another kafka.groupPrefix and other topics"
    }
}
