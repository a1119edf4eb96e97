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
    /// The broker's access control lists forbid what the consumer does, which goes on trying.
    case refused(KafkaRight)
    /// What was refused is no longer.
    case granted(KafkaRight)
    /// The consumer now reads these partitions, and no others.
    case assigned([KafkaPartition])
    /// A consumer that is meant to be the only one of its group was given fewer than all partitions. Follows `assigned` if it reads them.
    case partlyAssigned(KafkaShare)
    /// The consumer has stopped reading these partitions; the batch in hand was finished before.
    case revoked([KafkaPartition])
    /// Records are missing, or the topic is another one than before. Reading goes on from what there is: from the beginning of a
    /// log that was replaced or shortened, behind what is missing of one that was trimmed.
    case discontinuity(KafkaPartition, KafkaDiscontinuity)
    /// Of these topics records wait that the handler has no room for; they are not read on, the others are. Empty when it has.
    case waiting(Set<String>)
    /// So far everything was handled, and the log was that which is there: the place to begin from the next time.
    case handled([KafkaPartition: KafkaBookmark])
    /// A line of the library's log; `level` as in syslog(3).
    case log(level: Int32, message: String)
}
