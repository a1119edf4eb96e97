/// What a member that is meant to be the only one of its group knows of the others by what it is given.
struct GroupClaim {
    /// It was given all partitions, and has kept its place in the group since.
    private var isHeld = false
    private var wasHeld = false
    private(set) var withheld: [KafkaPartition]?

    /// - Parameter total: how many there are; nil if that is not known.
    /// - Returns: nil if that is all.
    mutating func given(_ partitions: [KafkaPartition], of total: Int?) -> KafkaShare? {
        withheld = nil
        if let total, partitions.count >= total {
            (isHeld, wasHeld) = (true, true)
            return nil
        }
        if total == nil, isHeld { return nil }
        if !isHeld { withheld = partitions }
        return KafkaShare(assigned: partitions, total: total, isRead: isHeld, wasAll: wasHeld)
    }

    /// - Parameter isLost: somebody else may have had them already.
    mutating func takenAway(isLost: Bool) {
        withheld = nil
        if isLost { isHeld = false }
    }
}
