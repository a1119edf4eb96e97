/// How a consumer takes part in its group.
package enum KafkaMembership: Sendable {
    /// It reads whatever share it is given.
    case shared
    /// It is meant to be the only one. It reads nothing before it was given all partitions, and then whatever it is left with.
    /// - instance: by which the group knows it again at once after a restart, without waiting for the end of its former session. Two that
    ///   have one name shut each other out.
    case sole(instance: String?)
}

/// What a consumer that is meant to be the only one of its group was given, when that is not all.
package struct KafkaShare: Sendable, Equatable {
    package let assigned: [KafkaPartition]
    /// Of all its topics together; nil if nobody has said.
    package let total: Int?
    /// It was given all before, and has been in the group since.
    package let isRead: Bool
    /// It was given all before, and lost its place in the group meanwhile.
    package let wasAll: Bool

    package init(assigned: [KafkaPartition], total: Int?, isRead: Bool, wasAll: Bool) {
        self.assigned = assigned
        self.total = total
        self.isRead = isRead
        self.wasAll = wasAll
    }
}
