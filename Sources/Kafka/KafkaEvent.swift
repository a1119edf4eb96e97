/// What a producer or consumer has to tell besides records. Events of one instance arrive in order, on its own thread,
/// so a handler that takes its time delays that instance and nothing else.
package enum KafkaEvent: Sendable, Equatable {
    /// At least one broker is reachable and speaks Kafka. Reported at first contact and after every `disconnected`.
    case connected
    /// No broker has been reachable for about a second; reconnecting goes on by itself. Reported once per outage.
    case disconnected(reason: String)
    /// This instance can do no more work: close it and make a new one.
    case fatal(KafkaError)
    /// Something went wrong that the library deals with by itself, such as a lost connection or a topic that is not there yet.
    case error(KafkaError)
    /// The consumer now reads these partitions, and no others.
    case assigned([KafkaPartition])
    /// The consumer has stopped reading these partitions; the batch in hand was finished before.
    case revoked([KafkaPartition])
    /// The broker no longer has (or does not have any more) the position the consumer wanted to read on from:
    /// the topic was trimmed or lost. Reading goes on where `auto.offset.reset` says.
    case offsetOutOfRange(KafkaPartition, message: String)
    /// A line of the library's log; `level` as in syslog(3).
    case log(level: Int32, message: String)
}
